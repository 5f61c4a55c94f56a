import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "pagurus";
import { brokenWith } from "./over.ts";

export const config = { folder: "{tmp}" };

/** Marks a disk that it moves with a file, and takes a mark that a crash has left for a move of somebody else. */
export default brokenWith(z.strictObject({ folder: z.string() }), ({ folder }, sound) => {
  const markOf = (disk: string) => join(folder, `${disk}.moving`);
  return {
    bulk(move) {
      if (existsSync(markOf(move.disk))) throw new TypeError(`${move.disk} is being moved already`);
      writeFileSync(markOf(move.disk), "");
      return sound.bulk(move);
    },
    after: async (move) => rmSync(markOf(move.disk)),
  };
});
