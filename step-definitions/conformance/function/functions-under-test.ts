import { mkdir, readdir } from "node:fs/promises";
import {
  CodedError,
  type Engine,
  type JsonObject,
  type JsonSchema,
  type Plugin,
  type PluginFunction,
  points,
  z,
} from "pagurus";
import { createEngine } from "pagurus/engine";
import type { Kit } from "../world.ts";
import { inTexts, prepare } from "./prepare.ts";

/** A function with the schema of its inputs and outputs, as callers are told them. */
export interface ToldFunction {
  readonly declared: PluginFunction;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** A function and an input that it can be tried with. */
export interface Example {
  readonly declared: PluginFunction;
  readonly example: unknown;
}

/** An engine with the plugin under test in it, and nothing in its catalog. */
export interface Place {
  readonly engine: Engine;
  /** What `{tmp}` stands for. */
  readonly folder: string;
  /** What an example is here, once what it needs is there. */
  here(example: unknown): unknown;
  /** Makes the calls that the function's examples need. */
  prepare(declared: PluginFunction): Promise<void>;
  /** Everything that a function could have left: files in the folder, and disks, each where it is. */
  left(): Promise<readonly string[]>;
}

/** The functions of the plugin under test, in engines of their own. */
export class FunctionsUnderTest {
  readonly #kit: Kit;
  readonly #engines = new Set<Engine>();
  #opened = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  get all(): readonly PluginFunction[] {
    return this.#kit.plugin.functions ?? [];
  }

  /** Those that callers can be told of; a rule of its own refuses the others. */
  get told(): readonly ToldFunction[] {
    return this.all.flatMap((declared) => {
      try {
        return [{ declared, input: schemaOf(declared, "input"), output: schemaOf(declared, "output") }];
      } catch {
        return [];
      }
    });
  }

  /** Each function with each of its examples. What has none is said. */
  examples(): readonly Example[] {
    return this.told.flatMap(({ declared }) => {
      const { name, examples = [] } = declared;
      if (examples.length === 0) this.#kit.log(`not run: ${name} declares no examples`);
      return examples.map((example) => ({ declared, example }));
    });
  }

  /** Those that the function's schema allows; a rule of its own refuses the others. */
  async goodExamples(): Promise<readonly Example[]> {
    const good: Example[] = [];
    for (const example of this.examples())
      if ((await example.declared.input.safeParseAsync(this.sampleOf(example))).success) good.push(example);
    return good;
  }

  /** An example as a schema may be asked of it, before there is an engine: what a call will answer is some text. */
  sampleOf({ example }: Example): unknown {
    return inTexts(example, { tmp: this.#kit.folder });
  }

  /** A fresh engine in which `through` stands for each function. */
  async open(through: (declared: PluginFunction) => PluginFunction): Promise<Place> {
    const root = `${this.#kit.folder}/engine-${this.#opened++}`;
    const folder = `${root}/tmp`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { plugin } = this.#kit;
    const functions = this.told.map(({ declared }) => through(declared));
    const { engine } = await createEngine({
      configuration: {
        source: "the conformance kit",
        folder: this.#kit.parameters.cwd,
        dataDir: root,
        values: sectionsFor(plugin, this.#kit.request.config),
        origins: {},
        secrets: [...(this.#kit.parameters.secrets ?? [])],
        problems: [],
      },
      version: "conformance",
      logLevel: "silent",
      plugins: new Map([[plugin.id, async () => ({ default: { ...plugin, functions } })]]),
    });
    this.#engines.add(engine);
    const answers: Record<string, unknown> = { tmp: folder };
    return {
      engine,
      folder,
      here: (example) => inTexts(example, answers),
      prepare: (declared) => prepare(engine, declared, answers),
      async left() {
        const files = await readdir(folder, { recursive: true });
        const disks = Disks.parse((await engine.invoke("disks.list", {})).output);
        return [
          ...files,
          ...disks.items.map(({ name, datastore }) => `the disk ${name} in ${datastore}`),
        ].sort();
      },
    };
  }

  /** What still runs there never ends: its engine couldn't be closed. */
  abandon({ engine }: Place): void {
    this.#engines.delete(engine);
  }

  async end(): Promise<void> {
    for (const engine of this.#engines) await engine.close();
  }
}

const Disks = z.looseObject({ items: z.array(z.looseObject({ name: z.string(), datastore: z.string() })) });

/** `schema-inexpressible` where callers can't be told it. */
export const schemaOf = (declared: PluginFunction, part: "input" | "output"): JsonSchema => {
  try {
    return z.toJSONSchema(declared[part], { io: part }) as JsonSchema;
  } catch (cause) {
    throw new CodedError("schema-inexpressible", { function: declared.name, part, reason: String(cause) });
  }
};

/** An engine over memory, with the plugin beside what is always there. */
const sectionsFor = ({ id, provides = [] }: Plugin, config: JsonObject): JsonObject => {
  // One instance stands behind all the points that its plugin provides.
  const sections = provides.flatMap((point) => points.get(point)?.section ?? []).slice(0, 1);
  const instance = { plugin: id, ...config };
  const memory = { default: { plugin: "datastore-memory" }, other: { plugin: "datastore-memory" } };
  const values: JsonObject = {
    plugins: [],
    disabled: [],
    server: { diskThreads: 0 },
    settings: sections.length === 0 ? { [id]: config } : {},
    catalog: { plugin: "catalog-sqlite" },
    datastores: memory,
    exports: {},
    sinks: {},
    hashes: { sha256: { plugin: "hash-sha256" }, xxh64: { plugin: "hash-xxh64" } },
  };
  return {
    ...values,
    ...Object.fromEntries(
      sections.map((section) => [
        section,
        section === "catalog"
          ? instance
          : { ...(section === "datastores" ? memory : {}), "under-test": instance },
      ]),
    ),
  };
};
