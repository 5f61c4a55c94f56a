/** What is measured of a move so far: the ground of every prediction. Rates in bytes per second, 0 where unknown. */
export interface Pace {
  /** Of copying scattered blocks, with nothing holding it back. */
  readonly copying: number;
  /** Of copying scattered blocks as it goes, beside the guest and within the limits. */
  readonly rounds: number;
  /** Of the bulk copy as it goes. */
  readonly bulk: number;
  /** Of bytes that become dirty. */
  readonly dirtying: number;
  readonly flush: { readonly baseMs: number; readonly msPerByte: number };
  /** What holding the guest costs besides copying and flushing: draining, the commit. */
  readonly fixedMs: number;
  /** Copied already and not yet durable, in bytes. */
  readonly unflushed: number;
}

/** Where a move stands, in bytes. */
export interface Position {
  /** Not yet reached by the bulk copy. */
  readonly bulkLeft: number;
  readonly dirty: number;
  readonly size: number;
}

/** A round that leaves more than this of what it began with leads nowhere. */
const LEADS_NOWHERE = 0.98;
const MOST_ROUNDS = 1000;

const msFor = (bytes: number, rate: number): number => (rate === 0 ? 0 : (bytes / rate) * 1000);

/** How long the guest would be held for so much. */
export const pauseMs = (pace: Pace, bytes: number): number =>
  pace.fixedMs +
  pace.flush.baseMs +
  msFor(bytes, pace.copying) +
  (bytes + pace.unflushed) * pace.flush.msPerByte;

/** How much can be copied and made durable within a pause. */
export const fittingBytes = (pace: Pace, maxPauseMs: number): number => {
  const left = maxPauseMs - pauseMs(pace, 0);
  const perByte = msFor(1, pace.copying) + pace.flush.msPerByte;
  if (left <= 0) return 0;
  return perByte === 0 ? Number.POSITIVE_INFINITY : left / perByte;
};

/** When the move would end: round after round until the rest fits the pause; `undefined` where it never would. */
export const endMs = (now: Pace, at: Position, maxPauseMs: number): number | undefined => {
  // By then it is flushed.
  const pace = { ...now, unflushed: 0 };
  const fits = fittingBytes(pace, maxPauseMs);
  let ms = msFor(at.bulkLeft, pace.bulk);
  if (!Number.isFinite(ms)) return undefined;
  let dirty = Math.min(at.size, at.dirty + (ms / 1000) * pace.dirtying);
  for (let round = 0; round < MOST_ROUNDS && dirty > fits; round++) {
    const roundMs = msFor(dirty, pace.rounds) + pace.flush.baseMs + dirty * pace.flush.msPerByte;
    if (!Number.isFinite(roundMs)) return undefined;
    const left = Math.min(at.size, (roundMs / 1000) * pace.dirtying);
    if (left > dirty * LEADS_NOWHERE) return undefined;
    ms += roundMs;
    dirty = left;
  }
  const end = ms + pauseMs(pace, dirty);
  return Number.isFinite(end) ? end : undefined;
};
