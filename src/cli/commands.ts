import { Argument, type Command, Option } from "commander";
import type { FunctionDescription } from "../contract/index.ts";
import { answer, type Cli, remark } from "./cli.ts";
import { exampleOf } from "./examples.ts";
import { fieldValueOf, helpOf, inputValueOf, placeholderOf } from "./field-values.ts";
import { type Field, fieldsOf } from "./flags-from-schema.ts";
import { importLocally } from "./local-import.ts";
import { waitFor } from "./wait.ts";
import { withoutServer, withoutServerHelp, worksWithoutServer } from "./without-server.ts";

/** Adds `pagurus <noun> <verb>` for the function; a name of several dots nests as deep. */
export const addFunctionCommand = (program: Command, description: FunctionDescription, cli: Cli): void => {
  const path = description.name.split(".");
  const verb = path.pop() ?? description.name;
  const noun = path.reduce((parent, name) => childOf(parent, name), program);
  if (noun.commands.some((existing) => existing.name() === verb)) return;
  const fields = fieldsOf(description);
  const positionals = (description.cli?.positionals ?? []).flatMap((name) =>
    fields.filter((field) => field.name === name),
  );
  const flagged = fields.filter((field) => !positionals.includes(field));
  const command = noun.command(verb).description(description.description ?? description.summary);
  command.summary(description.summary);
  for (const field of positionals) command.addArgument(argumentOf(field));
  for (const field of flagged) for (const option of optionsOf(field)) command.addOption(option);
  if (description.effect === "write")
    command.option("--idempotency-key <key>", "repeating the call with the same key does it once");
  if (description.kind === "job" || description.cli?.wait)
    command.option("--wait", "follow the job until it ends");
  const local = localForms[description.name];
  if (local !== undefined) command.option("--local", local.help);
  if (worksWithoutServer(description.name)) command.option("--config <file>", withoutServerHelp);
  command.addHelpText("after", exampleOf(description, positionals, flagged));
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Record<string, unknown>>();
    demandFlags(command, flagged, options);
    const input = {
      ...Object.fromEntries(positionals.map((field, i) => [field.name, inputValueOf(field, given[i])])),
      ...Object.fromEntries(
        flagged.map((field) => [field.name, inputValueOf(field, options[attributeOf(field)])]),
      ),
    };
    if (options["local"] === true && local !== undefined) return local.run(withoutAbsent(input), cli);
    const { config } = options;
    if (typeof config !== "string" || !worksWithoutServer(description.name))
      return callFunction(description, withoutAbsent(input), options, cli);
    // With its server ends its job.
    const waiting = { ...options, wait: true };
    await withoutServer(config, cli, (alone) =>
      callFunction(description, withoutAbsent(input), waiting, alone),
    );
  });
};

/** Functions of which a part can be done here instead, for it concerns files of this machine. */
const localForms: Readonly<
  Record<string, { readonly help: string; run(input: unknown, cli: Cli): Promise<void> }>
> = {
  "disks.import": {
    help: "the image is a file of this machine: make the disk and copy over NBD",
    run: importLocally,
  },
};

/** Calls a function and prints what it answers; with `wait`, what its job became. */
export const callFunction = async (
  { name, cli: words }: Pick<FunctionDescription, "name" | "cli">,
  input: unknown,
  options: { readonly idempotencyKey?: unknown; readonly wait?: unknown },
  cli: Cli,
): Promise<void> => {
  const engine = await cli.engine();
  const key = options.idempotencyKey;
  const { kind, output } = await engine.invoke(name, input, {
    signal: cli.host.signal,
    ...(typeof key === "string" && { idempotencyKey: key }),
  });
  if (kind === "job" || words?.wait) return waitFor(cli, output, options.wait === true);
  answer(cli, output, `no ${name.split(".").slice(0, -1).join(" ") || "items"}`);
  if (isPage(output)) remark(cli, `There are more; go on with \`--after ${output.next}\`.`);
};

/** The command of the noun, made when it is missing. */
export const childOf = (parent: Command, name: string): Command =>
  parent.commands.find((existing) => existing.name() === name) ?? parent.command(name);

const argumentOf = (field: Field): Argument => {
  const name = field.repeated ? `${field.flag}...` : field.flag;
  const argument = new Argument(field.required ? `<${name}>` : `[${name}]`, helpOf(field));
  const parsed = argument.argParser((text: string, earlier: unknown) => collected(field, text, earlier));
  return field.choices.length > 0 && !field.repeated ? parsed.choices(field.choices) : parsed;
};

const optionsOf = (field: Field): readonly Option[] => {
  if (field.type === "boolean" && !field.repeated)
    return [
      new Option(`--${field.flag}`, helpOf(field)),
      new Option(`--no-${field.flag}`, `not: ${field.description}`).hideHelp(field.default !== true),
    ];
  const option = new Option(`--${field.flag} <${placeholderOf(field)}>`, helpOf(field));
  if (field.choices.length > 0 && !field.repeated) return [option.choices(field.choices)];
  return [option.argParser((text: string, earlier: unknown) => collected(field, text, earlier))];
};

const collected = (field: Field, text: string, earlier: unknown): unknown => {
  const value = fieldValueOf(field, text);
  return field.repeated ? [...(Array.isArray(earlier) ? earlier : []), value] : value;
};

/** Here and not by commander, which tells of a missing flag before a misspelt one. */
const demandFlags = (
  command: Command,
  flagged: readonly Field[],
  options: Readonly<Record<string, unknown>>,
): void => {
  const missing = flagged.filter((field) => field.required && options[attributeOf(field)] === undefined);
  if (missing.length === 0) return;
  const flags = missing.map((field) => `--${field.flag} <${placeholderOf(field)}>`).join(" and ");
  command.error(`missing ${flags}`);
};

const attributeOf = ({ flag }: Field): string => new Option(`--${flag}`).attributeName();

const withoutAbsent = (input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

const isPage = (output: unknown): output is { readonly next: string } =>
  typeof output === "object" && output !== null && "next" in output && typeof output.next === "string";
