import type { Lab } from "../world.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import type { Guest } from "./guest.ts";
import { Rehearsal } from "./rehearsal.ts";

/** The guest that a scenario with one disk speaks of. */
export const onlyGuest = (lab: Lab): Promise<Guest> => {
  const [name] = lab.guests.keys();
  if (name === undefined) throw new Error("the scenario has no guest");
  return lab.connect(name);
};

/** Something that was never written before. */
export const fresh = (lab: Lab, length: number): Buffer =>
  Buffer.alloc(length, `written ${lab.nextNumber()} `);

/** One after another, each with something fresh. */
export const writeBlocks = async (lab: Lab, guest: Guest, blocks: readonly number[]): Promise<void> => {
  for (const block of blocks) await guest.write(block * BLOCK_BYTES, fresh(lab, BLOCK_BYTES));
};

/** Starts a move whose guest writes the blocks, so many times each, whenever the copy has come to the first of them; until it ends. */
export async function moveWhileWriting(
  lab: Lab,
  { disk, to, blocks, times }: { disk: string; to: string; blocks: readonly number[]; times: number },
): Promise<void> {
  const guest = await lab.connect(disk);
  const rehearsal = lab.part(Rehearsal);
  const next = { datastore: to, operation: "write", block: blocks[0] ?? 0 } as const;
  await rehearsal.holdAt(next, "hold-before", async () => void (await lab.startMove([disk], to)));
  const ended = lab.jobEnded().then(() => "ended");
  let round: string;
  do {
    for (let time = 0; time < times; time++) await writeBlocks(lab, guest, blocks);
    round = await Promise.race([rehearsal.goOnTo(next).then(() => "copying"), ended]);
  } while (round !== "ended");
}
