import type { DiskUnderTest } from "../disk-under-test.ts";
import { pattern } from "../model.ts";
import type { Random } from "../random.ts";
import type { GuestClient } from "./guest-client.ts";
import { assertSame } from "./holding.ts";
import { inTime } from "./in-time.ts";

const sector = 512;
const maxSectors = 300;
const lanesPerClient = 4;

interface Options {
  readonly count: number;
  readonly random: Random;
}

/** One request at a place of its own, checked where it reads. */
const request = async (
  client: GuestClient,
  disk: DiskUnderTest,
  { kind, offset, length, word }: { kind: number; offset: number; length: number; word: string },
): Promise<void> => {
  if (kind === 0) return client.flush();
  if (kind < 3) {
    await client.zero(offset, length);
    disk.expected.zero(offset, length);
  } else if (kind < 7) {
    const bytes = pattern(word, offset, length);
    await client.write(offset, bytes);
    disk.expected.set(bytes, offset);
  } else {
    const wanted = disk.expected.slice(offset, length);
    assertSame(await client.read(offset, length), wanted, offset, `what a client reads of ${disk.name}`);
  }
};

/** Requests of all kinds at random places, several of each client at once where they don't touch. */
export const runRandomRequests = async (
  clients: readonly GuestClient[],
  disk: DiskUnderTest,
  { count, random }: Options,
): Promise<void> => {
  const lanes = clients.length * lanesPerClient;
  const laneSectors = Math.floor(disk.sizeBytes / sector / lanes);
  for (let done = 0; done < count; done += lanes) {
    const together = Array.from({ length: lanes }, (_, lane) => {
      const client = clients[random(clients.length)];
      const first = random(laneSectors);
      const sectors = 1 + random(Math.min(maxSectors, laneSectors - first));
      const offset = (lane * laneSectors + first) * sector;
      const kind = random(11);
      return (
        client && request(client, disk, { kind, offset, length: sectors * sector, word: `${done + lane}` })
      );
    });
    await inTime(Promise.all(together), `request ${done} to ${done + lanes} were to be answered`);
  }
};
