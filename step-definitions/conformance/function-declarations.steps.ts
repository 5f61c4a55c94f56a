import type { JsonSchema, PluginFunction } from "pagurus";
import { Then } from "pagurus/steps";
import { FunctionsUnderTest, schemaOf, type ToldFunction } from "./function/functions-under-test.ts";
import { assertNone } from "./function/problems.ts";
import type { Kit } from "./world.ts";

const functionsOf = (kit: Kit) => kit.part(FunctionsUnderTest);

const fieldsOf = ({ properties }: JsonSchema): readonly string[] =>
  typeof properties === "object" && properties !== null ? Object.keys(properties) : [];

const neededOf = ({ required }: JsonSchema): readonly string[] =>
  Array.isArray(required) ? required.map(String) : [];

const namesIn = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);

const routeOf = ({ http }: PluginFunction): string => (http ? `${http.method} ${http.path}` : "");

Then("callers can be told the schemas of each function", function (this: Kit) {
  const problems = functionsOf(this).all.flatMap((declared) =>
    (["input", "output"] as const).flatMap((part) => {
      try {
        schemaOf(declared, part);
        return [];
      } catch (error) {
        return [`the ${part} of ${declared.name}: ${String(error)}`];
      }
    }),
  );
  assertNone(problems);
});

Then("each name in the path of a function's route is a field that its input must have", function (this: Kit) {
  assertNone(
    functionsOf(this).told.flatMap(({ declared, input }) =>
      namesIn(declared.http?.path ?? "")
        .filter((name) => !neededOf(input).includes(name))
        .map((name) => `${routeOf(declared)} of ${declared.name}: its input can be without \`${name}\``),
    ),
  );
});

Then("each function that answers to GET declares that it only reads", function (this: Kit) {
  assertNone(
    functionsOf(this)
      .all.filter(({ http, effect }) => http?.method === "GET" && effect !== "read")
      .map((declared) => `${routeOf(declared)} of ${declared.name} has the effect ${declared.effect}`),
  );
});

Then(
  "for each function that creates something another one shows it, below the same path",
  function (this: Kit) {
    const { told } = functionsOf(this);
    const shows = (created: ToldFunction) => {
      const path = created.declared.http?.path ?? "";
      return told.some(({ declared: { http } }) => {
        const name = namesIn(http?.path ?? "").at(-1) ?? "";
        const below = http?.method === "GET" && http.path === `${path}/{${name}}`;
        return below && fieldsOf(created.output).includes(name);
      });
    };
    assertNone(
      told
        .filter(({ declared }) => declared.kind === "call" && declared.creates === true)
        .filter((created) => created.declared.http !== undefined && !shows(created))
        .map(
          ({ declared }) =>
            `${declared.name}: no route GET ${declared.http?.path}/{…} has a name that is in its output`,
        ),
    );
  },
);

Then(
  "each positional of a function is a field of its input, and none that must be given follows one that may be",
  function (this: Kit) {
    assertNone(
      functionsOf(this).told.flatMap(({ declared: { name, cli }, input }) => {
        const positionals = cli?.positionals ?? [];
        const needed = positionals.map((positional) => neededOf(input).includes(positional));
        const late = positionals.filter((_, n) => needed[n] === true && needed.slice(0, n).includes(false));
        return [
          ...positionals
            .filter((positional) => !fieldsOf(input).includes(positional))
            .map((positional) => `${name}: \`${positional}\` is no field of its input`),
          ...late.map((positional) => `${name}: \`${positional}\` follows one that may be left out`),
        ];
      }),
    );
  },
);

Then(
  "each flag that a function renames is a field of its input, and no two have one name",
  function (this: Kit) {
    assertNone(
      functionsOf(this).told.flatMap(({ declared: { name, cli }, input }) => {
        const flags = Object.entries(cli?.flags ?? {});
        const others = fieldsOf(input).filter((field) => !flags.some(([renamed]) => renamed === field));
        const names = [...flags.map(([, flag]) => flag), ...others];
        return [
          ...flags
            .filter(([field]) => !fieldsOf(input).includes(field))
            .map(([field]) => `${name}: \`${field}\` is no field of its input`),
          ...names
            .filter((flag, n) => names.indexOf(flag) !== n)
            .map((flag) => `${name}: two fields have the flag ${flag}`),
        ];
      }),
    );
  },
);

Then("the examples of each function are inputs that its schema allows", async function (this: Kit) {
  const functions = functionsOf(this);
  const examples = functions.examples();
  if (examples.length === 0) return "skipped";
  const problems: string[] = [];
  for (const each of examples) {
    const { declared, example } = each;
    const read = await declared.input.safeParseAsync(functions.sampleOf(each));
    if (!read.success) problems.push(`${declared.name} ${JSON.stringify(example)}: ${read.error.message}`);
  }
  assertNone(problems);
  return undefined;
});
