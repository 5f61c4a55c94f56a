import { randomBytes } from "node:crypto";
import { NbdClient } from "pagurus/testing";
import { BlockWriter } from "./block-writer.ts";
import type { WritingClient, WritingPlace } from "./client.ts";
import { BLOCK_BYTES } from "./ledger.ts";

const IN_FLIGHT = 4;

/** The client that needs nothing but Node. */
export const nodeClient = async (place: WritingPlace): Promise<WritingClient> => {
  const nbd = await NbdClient.connect(place.uri, { signal: place.signal });
  const writer = new BlockWriter({
    ...place,
    inFlight: IN_FLIGHT,
    content: () => randomBytes(BLOCK_BYTES),
    write: (offset, bytes) => nbd.write(offset, bytes),
  });
  return {
    description: `our own NBD client, random writes of 4 KiB, ${IN_FLIGHT} at a time, as fast as they are answered`,
    answers: writer.answers,
    start: () => writer.start(),
    async stop() {
      await writer.stop();
      await nbd.flush();
      await nbd.disconnect();
      return undefined;
    },
    destroy: () => nbd.destroy(),
  };
};
