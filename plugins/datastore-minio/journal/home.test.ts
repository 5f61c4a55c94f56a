import { expect, test } from "vitest";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { JournalHome } from "./home.ts";

test("a file system that was lost and is back is used again; what shows meanwhile isn't taken for it", async () => {
  const disk = new VolatileDisk();
  let mounted = disk.directory;
  const home = new JournalHome("bucket", "/journal", async () => mounted);
  const id = await home.id();
  await home.make("log", "nonce");

  // Who has its root open meets errors from now on, whatever becomes of the path.
  const back = disk.cut(() => 0);
  await expect(home.check()).rejects.toMatchObject({ code: "datastore-unavailable" });
  const below = new VolatileDisk();
  mounted = below.directory;
  await expect(home.make("log", "other")).rejects.toMatchObject({ code: "datastore-unavailable" });
  expect(await below.directory.names()).toEqual([]);

  mounted = back.directory;
  await home.check();
  expect(await home.id()).toBe(id);
  expect(await home.find("log", "nonce")).toBeDefined();
});

test("it has one id, whoever asks, and nothing is left open", async () => {
  const { directory } = new VolatileDisk();
  let open = 0;
  const opened = async () => {
    open++;
    return {
      ...directory,
      async close() {
        open--;
      },
    };
  };
  const id = await new JournalHome("bucket", "/journal", opened).id();
  const other = new JournalHome("bucket", "/journal", opened);
  expect(await other.id()).toBe(id);
  await other.check();
  expect(open).toBe(0);
});
