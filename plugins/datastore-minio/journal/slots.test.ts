import { expect, test } from "vitest";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import type { JournalDirectory } from "./directory.ts";
import { JournalSlots } from "./slots.ts";

test("a file that a full disk can't take is given back, however often it is tried", async () => {
  const { directory } = new VolatileDisk();
  let room = false;
  let open = 0;
  const filling: JournalDirectory = {
    ...directory,
    async create(name) {
      const file = await directory.create(name);
      open++;
      return {
        ...file,
        async write(parts, at) {
          if (!room) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
          await file.write(parts, at);
        },
        async close() {
          open--;
          await file.close();
        },
      };
    },
  };
  const slots = new JournalSlots(filling, 4096);
  for (let tries = 0; tries < 3; tries++)
    await expect(slots.take()).rejects.toMatchObject({ code: "ENOSPC" });
  expect(await directory.names()).toEqual([]);
  expect(open).toBe(0);
  room = true;
  await slots.take();
  await slots.close();
  expect(open).toBe(0);
});
