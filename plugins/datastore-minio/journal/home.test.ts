import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { JournalHome } from "./home.ts";
import { nodeDirectory } from "./node-directory.ts";

test("a file system that was lost and is back is used again; what shows meanwhile isn't taken for it", async () => {
  const disk = new VolatileDisk();
  let mounted = disk.directory;
  const home = new JournalHome("bucket", "/journal", async () => mounted);
  const { id } = await home.make("log", "nonce");

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
  const home = new JournalHome("bucket", "/journal", opened);
  await home.check();
  const other = new JournalHome("bucket", "/journal", opened);
  expect(await other.id()).toBe(await home.id());
  await other.check();
  expect(open).toBe(0);
});

test("a mount point that still lacks its disk becomes no journal by a look, and its disk is used once it is there", async () => {
  const disk = new VolatileDisk();
  const { id } = await new JournalHome("bucket", "/journal", async () => disk.directory).make("log", "nonce");
  const point = new VolatileDisk();
  let mounted = point.directory;
  const home = new JournalHome("bucket", "/journal", async () => mounted);
  expect(await home.id()).toBeUndefined();
  expect(await home.find("log", "nonce")).toBeUndefined();
  expect(await home.setAside("log")).toEqual([]);
  expect(await point.directory.names()).toEqual([]);
  mounted = disk.directory;
  expect(await home.id()).toBe(id);
  expect((await home.make("log", "other")).id).toBe(id);
});

test("a directory knows when its path leads elsewhere, and so do those in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "home-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "journal");
  await mkdir(path);
  const root = await nodeDirectory(path);
  const inner = await root.directory("writer");
  const found = () => [root.isAtItsPath(), inner.isAtItsPath()];
  expect(found()).toEqual([true, true]);
  await rename(path, `${path}.away`);
  expect(found()).toEqual([false, false]);
  await mkdir(path);
  expect(found()).toEqual([false, false]);
  await rm(path, { recursive: true });
  await rename(`${path}.away`, path);
  expect(found()).toEqual([true, true]);
  await rm(join(path, "writer"), { recursive: true });
  expect(found()).toEqual([true, false]);
  await inner.close();
  await root.close();
});
