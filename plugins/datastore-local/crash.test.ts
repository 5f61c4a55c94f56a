import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayerInfo } from "pagurus";
import { native } from "pagurus/native";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalDatastore } from "./datastore.ts";
import type { Files } from "./files.ts";
import { nodeFiles } from "./node-files.ts";
import { steppedFiles } from "./testing/stepped-files.ts";

const sizeBytes = 1024 * 1024;
const stamp = { disk: "d1", epoch: 1, state: "target" } as const;
const later = { disk: "d1", epoch: 2, state: "owner" } as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pagurus-local-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Files of a process that dies before its step number `steps`: from then on nothing happens any more. */
const dyingBefore = (steps: number): { files: Files; died: () => boolean } => {
  let left = steps;
  const files = steppedFiles(() => {
    if (left-- <= 0) throw new Error("the process is dead");
  });
  return { files, died: () => left < 0 };
};

const over = (files: Files = nodeFiles(native)) => new LocalDatastore("local", { root }, { files, log });
const listed = async (): Promise<LayerInfo[]> => {
  const all: LayerInfo[] = [];
  for await (const info of over().list()) all.push(info);
  return all;
};

/** Runs it again and again, dying one step later each time, until it survives. Answers how many deaths there were. */
const dieAtEachStep = async (
  run: (datastore: LocalDatastore) => Promise<void>,
  examine: () => Promise<void>,
): Promise<number> => {
  for (let steps = 0; ; steps++) {
    const { files, died } = dyingBefore(steps);
    await run(over(files)).catch(() => undefined);
    await examine();
    if (!died()) return steps;
  }
};

test("wherever a create dies, what it left is listed or only its own leftovers, and a removal clears it", async () => {
  const deaths = await dieAtEachStep(
    (datastore) => datastore.create({ layer: "a", sizeBytes, stamp }),
    async () => {
      const names = readdirSync(root);
      const found = await listed();
      if (names.includes("a.raw")) expect(found).toMatchObject([{ layer: "a", stamp }]);
      if (found.length > 0 && !names.includes("a.raw"))
        await expect(over().open("a", { sizeBytes })).rejects.toThrow("layer-damaged");
      await over().remove("a");
      expect(readdirSync(root)).toEqual([]);
      await over().create({ layer: "a", sizeBytes, stamp });
      await over().remove("a");
    },
  );
  expect(deaths).toBeGreaterThan(8);
});

test("wherever a stamp dies, the old one or the new one stands whole, and the next stamp works", async () => {
  await over().create({ layer: "a", sizeBytes, stamp });
  const deaths = await dieAtEachStep(
    (datastore) => datastore.stamp("a", later),
    async () => {
      const info = await over().inspect("a");
      expect([stamp, later]).toContainEqual(info?.stamp);
      await (await over().open("a", { sizeBytes })).close();
      await over().stamp("a", stamp);
    },
  );
  expect(deaths).toBeGreaterThan(4);
  await over().remove("a");
  expect(readdirSync(root)).toEqual([]);
});

test("wherever a removal dies, the layer is listed until it is gone, and the next removal ends it", async () => {
  const deaths = await dieAtEachStep(
    async (datastore) => {
      if ((await over().inspect("a")) === undefined) await over().create({ layer: "a", sizeBytes, stamp });
      await datastore.remove("a");
    },
    async () => {
      if (readdirSync(root).includes("a.raw")) expect(await listed()).toMatchObject([{ layer: "a" }]);
      await over().remove("a");
      expect(readdirSync(root)).toEqual([]);
    },
  );
  expect(deaths).toBeGreaterThan(3);
});

test("wherever a check dies, the next one leaves nothing behind", async () => {
  const deaths = await dieAtEachStep(
    (datastore) => datastore.check().then(() => undefined),
    async () => {
      await over().check();
      expect(readdirSync(root)).toEqual([]);
    },
  );
  expect(deaths).toBeGreaterThan(3);
});
