import { reasonOf } from "../../src/contract/index.ts";
import type { Sample, Series, Values } from "../report/series.ts";
import { isContaminated, watchForeignWork } from "./foreign-work.ts";

/** Somebody who does the work that is measured. */
export interface Subject {
  readonly name: string;
  /** Whether it is Pagurus, and not a peer. */
  readonly ours: boolean;
  /** Brings things to where `run` begins; not measured. */
  readonly prepare?: () => Promise<void>;
  run(): Promise<Values>;
  /** Takes back what `prepare` did; not measured. */
  readonly after?: () => Promise<void>;
}

export interface Repetitions {
  readonly place: string;
  readonly work: string;
  readonly subjects: readonly Subject[];
  readonly repetitions: number;
  /** How often one repetition is measured at most, where others use the machine. */
  readonly triesMost: number;
  readonly signal: AbortSignal;
  readonly failed: (subject: string, error: unknown) => void;
}

interface Turn {
  readonly subject: Subject;
  readonly samples: Sample[];
  failure: string | undefined;
}

/**
 * Each subject once per repetition, each time another one first, so that whatever changes with time or with the
 * predecessor meets all of them.
 */
export const repeat = async (options: Repetitions): Promise<readonly Series[]> => {
  const { place, work, subjects, repetitions, signal } = options;
  const turns = subjects.map((subject): Turn => ({ subject, samples: [], failure: undefined }));
  for (let repetition = 0; repetition < repetitions; repetition++)
    for (let turnNumber = 0; turnNumber < turns.length; turnNumber++) {
      const turn = turns[(turnNumber + repetition) % turns.length];
      if (turn === undefined || turn.failure !== undefined) continue;
      try {
        turn.samples.push(await measureOnce(turn.subject, options));
      } catch (error) {
        signal.throwIfAborted();
        turn.failure = reasonOf(error);
        options.failed(turn.subject.name, error);
      }
    }
  return turns.map(({ subject, samples, failure }) => ({
    place,
    work,
    subject: subject.name,
    ours: subject.ours,
    samples,
    ...(failure !== undefined && { failure }),
  }));
};

/** Measured again while others use the machine; the cleanest try counts. */
const measureOnce = async (subject: Subject, { triesMost, signal }: Repetitions): Promise<Sample> => {
  let best: Sample | undefined;
  for (let tries = 1; tries <= triesMost; tries++) {
    signal.throwIfAborted();
    const atMs = Date.now();
    const sample = { atMs, ...(await prepared(subject)) };
    const uses = (one: Sample) => one.othersPercent + one.stolenPercent;
    if (best === undefined || uses(sample) < uses(best)) best = sample;
    if (!isContaminated(sample)) break;
  }
  if (best === undefined) throw new RangeError("a repetition takes at least one try");
  return { ...best, contaminated: isContaminated(best) };
};

const prepared = async ({ prepare, run, after }: Subject) => {
  await prepare?.();
  try {
    const foreign = watchForeignWork();
    const values = await run();
    return { values, ...foreign() };
  } finally {
    await after?.();
  }
};
