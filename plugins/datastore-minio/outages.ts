/** A time in which the store didn't answer. */
export interface Outage {
  /** Milliseconds since the epoch: when the first call that had to wait began to. */
  readonly since: number;
  /** What the last attempt failed with. */
  readonly reason: string;
  /** Calls that wait for it now. */
  readonly waiting: number;
}
