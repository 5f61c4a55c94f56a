import { open, readdir } from "node:fs/promises";
import { NbdClient } from "pagurus/testing";
import type { Ledger } from "./ledger.ts";

/** So much is read at a time. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** Something that must hold, and what was found. */
export interface Proof {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** What a disk must hold. */
export interface Compared {
  readonly sizeBytes: number;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
}

/** Reads the whole disk as a client does, over a fresh connection. */
export const readBack = async (uri: string, { sizeBytes, ledger, signal }: Compared): Promise<Proof> => {
  const nbd = await NbdClient.connect(uri, { signal });
  let wrong = 0;
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES)
    wrong += ledger.differences(at, await nbd.read(at, CHUNK_BYTES));
  await nbd.disconnect();
  return {
    name: "read back over NBD",
    holds: wrong === 0 && nbd.sizeBytes === sizeBytes,
    detail:
      wrong === 0
        ? `all ${ledger.blocks} blocks written have the content acknowledged last, all others are zero`
        : `${wrong} blocks are not what was acknowledged`,
  };
};

/** Reads the file that the disk is now, past Pagurus. */
export const compareFile = async (file: string, { sizeBytes, ledger, signal }: Compared): Promise<Proof> => {
  await using image = await open(file, "r");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let wrong = 0;
  let at = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await image.read(buffer, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) break;
    wrong += ledger.differences(at, buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return {
    name: "the file itself",
    holds: wrong === 0 && at === sizeBytes,
    detail: wrong === 0 ? `${at} bytes of ${file} hold the same` : `${wrong} blocks of ${file} differ`,
  };
};

/** Looks into the folder of the datastore that the disk has left. */
export const nothingLeft = async (root: string): Promise<Proof> => {
  const left = await readdir(root);
  return {
    name: "nothing left behind",
    holds: left.length === 0,
    detail: left.length === 0 ? "the former datastore is empty" : `${root} still holds ${left.join(", ")}`,
  };
};
