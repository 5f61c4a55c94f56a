import { CodedError, type Engine, type JsonObject, z } from "../contract/index.ts";
import type { CliHost } from "./host.ts";

/** Without an event for so long, the job is read anew: an event may have been lost with a connection. */
const SILENCE_MS = 2000;

const Job = z.looseObject({ id: z.string(), state: z.string(), progress: z.unknown().optional() });
export type Job = z.infer<typeof Job>;
export const jobOf = (output: unknown): Job => Job.parse(output);

const hasEnded = ({ state }: Job): boolean => ["succeeded", "failed", "cancelled"].includes(state);

export interface Following {
  readonly clock: Pick<CliHost["clock"], "after">;
  readonly signal: AbortSignal;
  show(progress: JsonObject): void;
}

/**
 * Waits for a job's end and answers the job. Rejects with `wait-stopped` when the signal fires: the job goes on.
 * Survives a broken event stream as long as the job can be read.
 */
export const followJob = async (engine: Engine, id: string, following: Following): Promise<Job> => {
  const { signal } = following;
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new CodedError("wait-stopped", { job: id }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => undefined);
  let job: Job | undefined;
  while (job === undefined || !hasEnded(job))
    job = await Promise.race([followOnce(engine, id, following), stopped]);
  return job;
};

/** Reads the job, and again at each of its events that may have ended it, until it has or the stream breaks. */
const followOnce = async (engine: Engine, id: string, { clock, signal, show }: Following): Promise<Job> => {
  const finished = new AbortController();
  const events = engine
    .events({ job: id }, { signal: AbortSignal.any([signal, finished.signal]) })
    [Symbol.asyncIterator]();
  const nextEvent = () => events.next().catch(() => ({ done: true, value: undefined }) as const);
  try {
    // Subscribed before it is read, so that an end between the two is not missed.
    let next = nextEvent();
    for (;;) {
      const job = await readJob(engine, id, signal);
      if (isProgress(job.progress)) show(job.progress);
      if (hasEnded(job)) return job;
      for (;;) {
        const event = await within(SILENCE_MS, next, clock);
        if (event === undefined) break;
        if (event.done) return await pauseThen(job, clock);
        next = nextEvent();
        if (event.value.type === "job.progressed") show(event.value.data);
        else break;
      }
    }
  } finally {
    finished.abort();
  }
};

const readJob = async (engine: Engine, id: string, signal: AbortSignal): Promise<Job> =>
  jobOf((await engine.invoke("jobs.show", { id }, { signal })).output);

const isProgress = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const within = async <T>(
  ms: number,
  promise: Promise<T>,
  clock: Following["clock"],
): Promise<T | undefined> => {
  let cancel = () => {};
  const silence = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    cancel();
  }
};

const pauseThen = async (job: Job, clock: Following["clock"]): Promise<Job> => {
  await new Promise<void>((resolve) => clock.after(SILENCE_MS, resolve));
  return job;
};
