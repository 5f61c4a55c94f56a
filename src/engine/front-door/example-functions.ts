import { CodedError, defineFunction, type Invoke, type PluginFunction, z } from "../../contract/index.ts";
import { task } from "../../observations/index.ts";

const Shell = z.object({ name: z.string(), sizeBytes: z.int() }).meta({ id: "Shell" });
export type Shell = z.infer<typeof Shell>;
const name = z
  .string()
  .regex(/^[a-z]+$/, "lower-case letters")
  .describe("name of a shell");

/** Where `shells.hold` waits, and tells that it does. */
export interface Hold {
  entered(): void;
  readonly released: Promise<void>;
}

/** One function of each kind that a door can meet, over a shelf of shells. */
export const exampleFunctions = (
  shells: Map<string, Shell>,
  hold: Hold,
  invoke: Invoke,
): readonly PluginFunction[] => {
  const shellOf = (wanted: string): Shell => {
    const shell = shells.get(wanted);
    if (shell === undefined) throw new CodedError("disk-not-found", { disk: wanted });
    return shell;
  };
  return [
    defineFunction({
      name: "shells.create",
      summary: "Make a shell",
      kind: "call",
      effect: "write",
      creates: true,
      http: { method: "POST", path: "/v1/shells" },
      cli: {
        positionals: ["name"],
        flags: { sizeBytes: "room" },
        examples: ["shells create big"],
        wait: true,
      },
      input: z.strictObject({ name, sizeBytes: z.int().min(1), tags: z.array(z.string()).optional() }),
      output: Shell,
      run({ name, sizeBytes }) {
        if (shells.has(name)) throw new CodedError("disk-exists", { disk: name });
        shells.set(name, { name, sizeBytes });
        return shellOf(name);
      },
    }),
    defineFunction({
      name: "shells.list",
      summary: "What there is, and how it was asked for",
      kind: "call",
      effect: "read",
      http: { method: "GET", path: "/v1/shells" },
      input: z.strictObject({
        limit: z.int().min(1).optional(),
        wide: z.boolean().optional(),
        tags: z.array(z.string()).optional(),
        prefix: z.string().optional(),
        ratio: z.union([z.number(), z.literal("any")]).optional(),
      }),
      output: z.object({ items: z.array(Shell), asked: z.json() }),
      run: (input) => ({ items: [...shells.values()], asked: JSON.parse(JSON.stringify(input)) }),
    }),
    defineFunction({
      name: "shells.show",
      summary: "Show a shell",
      kind: "call",
      effect: "read",
      http: { method: "GET", path: "/v1/shells/{name}" },
      input: z.strictObject({ name }),
      output: Shell,
      run: (input) => shellOf(input.name),
    }),
    defineFunction({
      name: "shells.remove",
      summary: "Remove a shell",
      kind: "call",
      effect: "write",
      http: { method: "DELETE", path: "/v1/shells/{name}" },
      input: z.strictObject({ name, force: z.boolean().default(false) }),
      output: z.object({ removed: z.boolean() }),
      run: (input) => ({ removed: shells.delete(shellOf(input.name).name) }),
    }),
    defineFunction({
      name: "shells.polish",
      summary: "Polish a shell, which takes a while",
      kind: "job",
      effect: "write",
      http: { method: "POST", path: "/v1/shells/{name}/polish" },
      input: z.strictObject({ name, grade: z.int().default(1) }),
      output: z.object({ shine: z.number() }),
      check: (input) => void shellOf(input.name),
      run: async () => ({ shine: 1 }),
    }),
    defineFunction({
      name: "shells.crack",
      summary: "Fail in a subtask",
      kind: "call",
      effect: "write",
      input: z.strictObject({}),
      output: z.null(),
      run: () =>
        task("press", { password: "hunter22" }, async () => {
          throw new CodedError("catalog-unavailable", { catalog: "c.db", reason: "it is gone" });
        }),
    }),
    defineFunction({
      name: "shells.mend",
      summary: "Call a function that fails, and get over it or not",
      kind: "call",
      effect: "write",
      input: z.strictObject({ patient: z.boolean() }),
      output: z.null(),
      async run({ patient }) {
        await invoke("shells.crack", {}).catch((error: unknown) => {
          if (!patient) throw error;
        });
        return null;
      },
    }),
    defineFunction({
      name: "shells.lie",
      summary: "Answer what its schema refuses",
      kind: "call",
      effect: "read",
      input: z.strictObject({}),
      output: z.object({ truth: z.boolean() }),
      // A plugin in JavaScript may do so.
      run: () => JSON.parse('{"truth":"no"}'),
    }),
    defineFunction({
      name: "shells.hold",
      summary: "Wait until it is let go, or cancelled",
      kind: "call",
      effect: "write",
      input: z.strictObject({}),
      output: z.null(),
      async run(_, __, { signal }) {
        hold.entered();
        await Promise.race([
          hold.released,
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(new CodedError("cancelled", { what: "holding" })));
          }),
        ]);
        return null;
      },
    }),
    defineFunction({
      name: "metrics.read",
      summary: "Metrics",
      kind: "call",
      effect: "read",
      input: z.strictObject({}),
      output: z.object({ contentType: z.string(), text: z.string() }),
      run: () => ({ contentType: "text/plain; version=0.0.4", text: `shells ${shells.size}\n` }),
    }),
  ];
};
