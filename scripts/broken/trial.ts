import type { Envelope } from "@cucumber/messages";
import type { JsonObject } from "../../src/contract/index.ts";

/** What a trial's process is to run, one order after another. */
export interface TrialOrder {
  /** From the root of the checkout; with `:line` where only some scenarios of a file are wanted. */
  readonly paths: readonly string[];
  readonly tags: string;
  /** The World's parameters. */
  readonly parameters: JsonObject;
}

/** What it tells. */
export type TrialTold =
  | { readonly envelope: Envelope }
  | { readonly flushed: true }
  /** The order was obeyed; whether something that it left behind keeps the process alive. */
  | { readonly ended: true; readonly clean: boolean };
