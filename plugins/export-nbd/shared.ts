import type { Counter, Log } from "pagurus";
import type { Alertness } from "./alertness.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { ClientRules } from "./config.ts";

/** What the connections of a thread share. */
export interface Shared {
  readonly pool: BufferPool;
  readonly alertness: Alertness;
  /** Zeroes, to compare with and to write. */
  readonly zeroes: Buffer;
  readonly log: Log;
  readonly rules: ClientRules;
  /** Clients that chose an export, by the form of their messages. */
  readonly clients: Counter;
}
