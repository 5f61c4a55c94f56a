import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CallContext, defineFunction, definePlugin, type Plugin, type PluginFunction, z } from "pagurus";

const folder = z.string().min(1).describe("where the notes are");
const Note = z.object({ name: z.string(), bytes: z.int() });

/** Writes one note, and takes it back where it is told to end before the caller has it. */
const writeNote = async (path: string, text: string, context: CallContext): Promise<void> => {
  await context.resource({ kind: "note", ref: { path } });
  context.signal.throwIfAborted();
  await writeFile(path, text);
  try {
    await context.clock.sleep(1, context.signal);
    context.signal.throwIfAborted();
  } catch (error) {
    await rm(path);
    throw error;
  }
};

/** Notes in a folder: a function of each kind. */
const functions = {
  add: defineFunction({
    name: "notes.add",
    summary: "Write a note",
    kind: "call",
    effect: "write",
    creates: true,
    http: { method: "POST", path: "/v1/notes" },
    cli: { positionals: ["folder", "name"] },
    input: z.strictObject({
      folder,
      name: z.string().regex(/^[a-z]+$/),
      text: z.string().max(100).optional(),
    }),
    output: Note,
    examples: [{ folder: "{tmp}", name: "first", text: "hello" }],
    async run({ folder, name, text = "" }, _, context) {
      await writeNote(join(folder, name), text, context);
      return { name, bytes: text.length };
    },
  }),
  show: defineFunction({
    name: "notes.show",
    summary: "Show a note",
    kind: "call",
    effect: "read",
    http: { method: "GET", path: "/v1/notes/{name}" },
    cli: { positionals: ["name"] },
    input: z.strictObject({ name: z.string() }),
    output: Note,
    examples: [{ name: "{note.name}" }],
    examplesNeed: [{ call: "notes.add", input: { folder: "{tmp}", name: "shown" }, as: "note" }],
    run: ({ name }) => ({ name, bytes: 0 }),
  }),
  count: defineFunction({
    name: "notes.count",
    summary: "Count the notes",
    kind: "call",
    effect: "read",
    http: { method: "GET", path: "/v1/notes" },
    input: z.strictObject({ folder }),
    output: z.object({ notes: z.int() }),
    examples: [{ folder: "{tmp}" }],
    run: async ({ folder }) => ({ notes: (await readdir(folder)).length }),
  }),
  print: defineFunction({
    name: "notes.print",
    summary: "Print notes, which takes a while",
    kind: "job",
    effect: "write",
    input: z.strictObject({ folder, copies: z.int().min(1).max(9) }),
    output: z.object({ printed: z.int() }),
    examples: [{ folder: "{tmp}", copies: 2 }],
    async run({ folder, copies }, _, job) {
      for (let copy = 1; copy <= copies; copy++) {
        const path = join(folder, `copy-${copy}`);
        await job.step(
          `copy-${copy}`,
          async () => {
            await writeNote(path, "printed", job);
          },
          { compensate: () => rm(path, { force: true }) },
        );
        job.signal.throwIfAborted();
        job.progress({ percent: (100 * copy) / copies });
      }
      return { printed: copies };
    },
  }),
} as const satisfies Record<string, PluginFunction>;

/** A plugin whose functions are sound but for what `broken` puts in place of one. */
export const overFunction = (
  which: keyof typeof functions,
  broken: (sound: PluginFunction) => object,
): Plugin =>
  definePlugin({
    id: "broken-functions",
    apiVersion: 1,
    summary: "Functions one of which breaks one rule",
    config: z.strictObject({}),
    functions: Object.entries(functions).map(([name, sound]) =>
      name === which ? ({ ...sound, ...broken(sound) } as PluginFunction) : sound,
    ),
  });
