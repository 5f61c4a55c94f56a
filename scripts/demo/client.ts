import type { Answers } from "./answers.ts";
import type { Ledger } from "./ledger.ts";

/** Where a client writes, and the account of what it was told. */
export interface WritingPlace {
  readonly uri: string;
  /** Gets every write that was acknowledged. */
  readonly ledger: Ledger;
  /** For a client's own files. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Somebody who writes to the disk for as long as the demo lasts, over one connection. */
export interface WritingClient {
  /** For people: who it is and what it does. */
  readonly description: string;
  readonly answers: Answers;
  /** Resolves when its writes are being answered. */
  start(): Promise<void>;
  /** Ends the writing, every write answered; says what it has checked by itself. Rejects with what went wrong meanwhile. */
  stop(): Promise<string | undefined>;
  /** Ends at once. */
  destroy(): void;
}
