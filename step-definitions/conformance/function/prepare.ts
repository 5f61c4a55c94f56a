import { CodedError, type Engine, type ExampleSetup, type Invocation, type PluginFunction, z } from "pagurus";

/** Answers by their names, and `tmp`. */
type Answers = Record<string, unknown>;

/** Puts what was answered in place of `{name}` and `{name.field}` in all texts; what nobody has answered stays. */
export const inTexts = (value: unknown, answers: Readonly<Answers>): unknown => {
  if (typeof value === "string")
    return value.replace(/\{([\w.-]+)\}/g, (whole, path: string) => textAt(answers, path) ?? whole);
  if (Array.isArray(value)) return value.map((item) => inTexts(item, answers));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, inTexts(field, answers)]));
};

const textAt = (answers: unknown, path: string): string | undefined => {
  const found = path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      answers,
    );
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
};

/** Makes the calls that a function's examples need, and keeps their answers. */
export const prepare = async (
  engine: Engine,
  { examplesNeed = [] }: PluginFunction,
  answers: Answers,
): Promise<void> => {
  for (const { call, input, as, outcome = "succeeds" } of examplesNeed) {
    const { invocation, failure } = await ended(engine, { call, input: inTexts(input, answers), outcome });
    if ((failure !== undefined) !== (outcome === "fails"))
      throw new CodedError("input-invalid", {
        function: call,
        problems: failure ?? "it was to fail before the example, and succeeded",
      });
    if (as !== undefined) answers[as] = invocation?.output;
  }
};

const ended = async (
  engine: Engine,
  { call, input, outcome }: { call: string; input: unknown; outcome: ExampleSetup["outcome"] },
): Promise<{ invocation?: Invocation; failure?: string }> => {
  try {
    const end = outcome === "goes-on" ? engine.invoke(call, input) : invokeToItsEnd(engine, call, input);
    const invocation = await end;
    if (invocation.kind === "call" || outcome === "goes-on") return { invocation };
    const { state } = Job.parse((await engine.invoke("jobs.show", { id: idOf(invocation) })).output);
    return state === "succeeded" ? { invocation } : { invocation, failure: `its job is ${state}` };
  } catch (error) {
    return { failure: String(error) };
  }
};

const Job = z.looseObject({ id: z.string(), state: z.string() });
const idOf = ({ output }: Invocation): string => Job.parse(output).id;

/** Answered when the call is over, and its job too. */
export const invokeToItsEnd = async (
  engine: Engine,
  name: string,
  input: unknown,
  signal?: AbortSignal,
): Promise<Invocation> => {
  const listening = new AbortController();
  const ends = engine.events({ types: ["job.ended"] }, { signal: listening.signal });
  const over = new Set<string>();
  const jobEnded = async (id: string) => {
    for await (const event of ends) {
      if (event.job !== undefined) over.add(event.job);
      if (over.has(id)) return;
    }
  };
  try {
    const answer = await engine.invoke(name, input, signal && { signal });
    if (answer.kind === "job") await jobEnded(idOf(answer));
    return answer;
  } finally {
    listening.abort();
  }
};
