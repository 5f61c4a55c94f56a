import {
  DiskName,
  DiskSizeBytes,
  type Engine,
  type EngineEvent,
  type FunctionDescription,
  type InvokeOptions,
  type JsonSchema,
  z,
} from "../contract/index.ts";
import type { CliHost } from "./host.ts";
import { run } from "./run.ts";

const describe = (
  name: string,
  input: z.ZodType,
  more: Partial<FunctionDescription> = {},
): FunctionDescription => ({
  name,
  summary: `${name}, in one line`,
  kind: "call",
  effect: "read",
  creates: false,
  plugin: "built-in",
  input: z.toJSONSchema(input, { io: "input" }) as JsonSchema,
  output: {},
  ...more,
});

const positional = (name: string) => ({ cli: { positionals: [name] } });
const id = z.strictObject({ id: z.string() });
const nothing = z.strictObject({});

/** Functions in the shape of the built-in ones. */
const descriptions: readonly FunctionDescription[] = [
  describe(
    "disks.create",
    z.strictObject({ name: DiskName, sizeBytes: DiskSizeBytes, datastore: z.string().optional() }),
    { effect: "write", creates: true, ...positional("name") },
  ),
  describe("disks.list", nothing),
  describe("disks.show", z.strictObject({ name: DiskName }), positional("name")),
  describe(
    "migrations.start",
    z.strictObject({
      disks: z.array(DiskName).min(1),
      to: z.string(),
      strategy: z.enum(["dirty-block", "snapshot"]).default("dirty-block"),
      maxPauseMs: z.int().min(1).default(50),
      maxBytesPerSecond: z.int().optional(),
      maxAttempts: z.int().optional(),
      keepSource: z.boolean().optional(),
    }),
    { kind: "job", effect: "write" },
  ),
  describe("migrations.show", id, positional("id")),
  describe("migrations.cancel", id, { effect: "write", ...positional("id") }),
  describe(
    "migrations.adjust",
    z.strictObject({
      id: z.string(),
      maxPauseMs: z.int().min(1).describe("the longest pause").optional(),
      maxBytesPerSecond: z.int().nullable().describe("the rate").optional(),
    }),
    { effect: "write", ...positional("id") },
  ),
  describe("migrations.switch", z.strictObject({ id: z.string(), whenReady: z.boolean().default(false) }), {
    effect: "write",
    cli: { positionals: ["id"], wait: true },
  }),
  describe("jobs.show", id, positional("id")),
  describe("jobs.cancel", id, { effect: "write", ...positional("id") }),
  describe("reports.show", id, positional("id")),
];

interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly options: InvokeOptions | undefined;
}

/** What the engine answers: a value, or a function of the input; a function may throw. */
type Answers = Readonly<Record<string, unknown>>;

/** An engine in process that answers as told and keeps what it was asked. */
export const createScriptedEngine = (answers: Answers, events: () => AsyncIterable<EngineEvent> = never) => {
  const calls: Call[] = [];
  const engine: Engine = {
    functions: async () => descriptions,
    async invoke(name, input, options) {
      calls.push({ name, input, options });
      const answer = answers[name];
      const output = typeof answer === "function" ? await answer(input, options) : answer;
      const kind = descriptions.find((one) => one.name === name)?.kind ?? "call";
      return { kind, output, replayed: false };
    },
    events,
    health: async () => ({ ready: true, version: "0", details: {} }),
    close: async () => undefined,
  };
  return { engine, calls };
};

async function* never(): AsyncIterable<EngineEvent> {
  await new Promise(() => undefined);
}

export const eventOf = (type: string, data: EngineEvent["data"] = {}): EngineEvent => ({
  id: "boot-1",
  type,
  at: 0,
  job: "7",
  data,
});

/** One command line, run in process over the engine; its timers never fire unless `after` says otherwise. */
export const runWith = async (argv: readonly string[], engine: Engine, more: Partial<CliHost> = {}) => {
  let out = "";
  let err = "";
  const host: CliHost = {
    version: "1.2.3",
    env: { PAGURUS_URL: "http://127.0.0.1:1" },
    out: { write: (text) => (out += text), columns: 120 },
    err: { write: (text) => (err += text), columns: 120 },
    clock: { monotonicMs: () => 0, after: () => () => undefined },
    signal: new AbortController().signal,
    readInput: async () => "",
    connect: async () => engine,
    builtIn: async () => descriptions,
    ...more,
  };
  const code = await run(argv, host);
  return { code, out, err };
};
