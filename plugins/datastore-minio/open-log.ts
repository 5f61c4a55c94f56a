import { randomBytes } from "node:crypto";
import { CodedError } from "pagurus";
import { fetchIndex } from "./fetch-index.ts";
import { LAST_NUMBER, logObjectKey } from "./layout.ts";
import type { Objects } from "./objects.ts";
import { type LogFacts, type RecoveredLog, recoverLog } from "./recovery.ts";
import { encodeIndex } from "./segment-index.ts";

/** A log that this writer, and nobody else, goes on with. */
export interface OwnLog {
  readonly recovered: RecoveredLog;
  readonly nonce: string;
  /** The number of the first object to come, and the checksum of the one before it. */
  readonly next: number;
  readonly predecessor: Uint8Array;
}

/** How many others may take over in the midst of it before it is given up. */
const MAX_ATTEMPTS = 20;

/**
 * Takes a log over: puts a fence at its first missing number, which its former writer can't go past any more, and goes
 * on behind all that this one may still have on its way. What was read before counts only if the fence got its number:
 * nothing can have come to the log in between then. `mayTake` rejects where the log mustn't be fenced; what it sees is
 * as it was when the log was read, or later.
 */
export const takeLog = async (
  objects: Objects,
  facts: LogFacts,
  mayTake: () => Promise<void>,
): Promise<OwnLog> => {
  const { log, window } = facts;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const recovered = await recoverLog(objects, facts);
    const { missing: number, checksum, checkpoint } = recovered;
    if (number + window > LAST_NUMBER)
      throw new CodedError("log-full", { object: objects.location(logObjectKey(log, number)) });
    await mayTake();
    const nonce = randomBytes(16).toString("hex");
    const fence = encodeIndex({
      kind: "fence",
      log,
      number,
      nonce,
      predecessor: checksum,
      confirmedThrough: number - 1,
      checkpoint,
      continuesAt: number + window,
      records: new Uint32Array(),
      cellBytes: 0,
    });
    const key = logObjectKey(log, number);
    const made = await objects.put(key, [fence.bytes]);
    // Unless it is our own, whose answer was lost.
    const mine =
      made === "made" ||
      Buffer.compare((await fetchIndex(objects, key))?.checksum ?? new Uint8Array(), fence.checksum) === 0;
    if (mine) return { recovered, nonce, next: number + window, predecessor: fence.checksum };
  }
  throw new CodedError("object-contended", { object: objects.location(logObjectKey(log, 0)) });
};
