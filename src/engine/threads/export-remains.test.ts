import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CodedError, type Layer, type Rescue } from "../../contract/index.ts";
import { exportRemains } from "./export-remains.ts";

const MiB = 2 ** 20;
const SIZE = 4 * MiB + 512;
const BAD = { offset: MiB + 8192, length: 4096 };
const call = { signal: new AbortController().signal, progress: () => undefined };

/** Remains of which one block can't be read, for good or for now, and whose second half is a hole. */
const rescue = (content: Buffer, lost: boolean): Pick<Rescue, "openRemains"> => ({
  openRemains: async () => {
    const layer: Partial<Layer> = {
      sizeBytes: SIZE,
      async *extents() {
        yield { offset: 0, length: 2 * MiB, kind: "data" };
        yield { offset: 2 * MiB, length: SIZE - 2 * MiB - 512, kind: "zero" };
        yield { offset: SIZE - 512, length: 512, kind: "data" };
      },
      async read(offset, into) {
        const hit = offset < BAD.offset + BAD.length && offset + into.length > BAD.offset;
        const data = { datastore: "vault", layer: "web", operation: "read", offset, length: into.length };
        if (hit) throw new CodedError("layer-io-failed", { ...data, reason: "it can't be read", lost });
        into.set(content.subarray(offset, offset + into.length));
      },
      close: async () => undefined,
    };
    return layer as Layer;
  },
});

const exported = async (content: Buffer, zeroDamaged: boolean, lost = true) => {
  const folder = await mkdtemp(join(tmpdir(), "remains-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "image");
  const what = { path, before: undefined, zeroDamaged };
  return { path, account: await exportRemains(rescue(content, lost) as Rescue, "web", what, call) };
};

test("what can't be read ends an export, unless zeroes in its place were asked for and are told", async () => {
  const content = Buffer.alloc(SIZE, 7).fill(0, 2 * MiB, SIZE - 512);
  await expect(exported(content, false)).rejects.toMatchObject({ code: "layer-io-failed" });
  await expect(exported(content, true, false), "it may be read later").rejects.toMatchObject({
    code: "layer-io-failed",
  });
  const { path, account } = await exported(content, true);
  expect(account).toMatchObject({ sizeBytes: SIZE, damaged: [BAD], damagedBytes: BAD.length });
  content.fill(0, BAD.offset, BAD.offset + BAD.length);
  expect((await readFile(path)).equals(content)).toBe(true);
  expect((await stat(path)).blocks * 512).toBeLessThan(3 * MiB);
});
