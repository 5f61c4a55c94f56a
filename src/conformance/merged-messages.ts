import type { Envelope } from "@cucumber/messages";

/** What every process that runs the same features says in the same words, but for its own ids. */
const announcements = [
  "source",
  "gherkinDocument",
  "pickle",
  "stepDefinition",
  "hook",
  "parameterType",
] as const;
/** Those whose `uri` is a feature's. */
const ofFeatures: readonly string[] = announcements.slice(0, 3);
/** What there is once for the whole stream. */
const once: readonly (keyof Envelope)[] = ["meta", "testRunStarted", "testRunFinished"];

/**
 * Makes one stream of the messages of several runs: features are announced once for each subject, under a `uri` that
 * begins with its name, however many processes have run some of their scenarios.
 */
export const createMergedMessages = (testRunId: string, emit: (envelope: Envelope) => void) => {
  const idsByText = new Map<string, readonly string[]>();

  /** Takes the messages of one process, about one subject. */
  const source = (subject: string, hear: (envelope: Envelope) => void = () => undefined) => {
    const firstIds = new Map<string, string>();
    return (told: Envelope): void => {
      if (told.testRunStarted?.id) firstIds.set(told.testRunStarted.id, testRunId);
      if (once.some((kind) => told[kind])) return;
      const kind = announcements.find((name) => told[name]);
      const prefix = kind !== undefined && ofFeatures.includes(kind) ? `${subject}/` : "";
      const envelope = renamed(told, firstIds, prefix);
      if (kind !== undefined) {
        const text = JSON.stringify(envelope, (key, value: unknown) => (key === "id" ? undefined : value));
        const known = idsByText.get(text);
        const ids = idsIn(envelope);
        if (known) {
          for (const [index, id] of ids.entries()) firstIds.set(id, known[index] ?? id);
          return;
        }
        idsByText.set(text, ids);
      }
      hear(envelope);
      emit(envelope);
    };
  };
  return { source };
};

const renamed = (envelope: Envelope, ids: ReadonlyMap<string, string>, prefix: string): Envelope =>
  JSON.parse(JSON.stringify(envelope), (key, value: unknown) => {
    if (typeof value !== "string") return value;
    return key === "uri" ? `${prefix}${value}` : (ids.get(value) ?? value);
  }) as Envelope;

/** Every `id`, in an order that depends on the shape alone. */
const idsIn = (envelope: Envelope): readonly string[] => {
  const ids: string[] = [];
  JSON.stringify(envelope, (key, value: unknown) => {
    if (key === "id" && typeof value === "string") ids.push(value);
    return value;
  });
  return ids;
};
