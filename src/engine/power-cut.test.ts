import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalDatastore } from "../../plugins/datastore-local/datastore.ts";
import { PowerCutFiles, type Sync } from "../../plugins/datastore-local/testing/power-cut.ts";
import { NbdConfig } from "../../plugins/export-nbd/config.ts";
import { NbdExport } from "../../plugins/export-nbd/nbd-export.ts";
import { Disk } from "../disks/index.ts";
import { native } from "../native/index.ts";
import { NbdClient } from "../testing/index.ts";
import { createMetrics } from "./metrics.ts";
import { systemClock } from "./system-clock.ts";

const ROOT = "/store";
const SECTOR = 512;
const SECTORS = 16;
const BYTES = SECTORS * SECTOR;
const OLD = 1;
const NEW = 2;
/** The protocol's promise that a flush on one connection covers what was answered on all. */
const CAN_MULTI_CONN = 1 << 8;
const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const blockSizes = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-power-"));
});
afterEach(() => rm(folder, { recursive: true }));

const storeOver = (files: PowerCutFiles) => new LocalDatastore("local", { root: ROOT }, { files, log });

/** Does something with two clients of a disk that is served as ever, on files whose power can be cut. */
async function served(
  files: PowerCutFiles,
  run: (one: NbdClient, other: NbdClient) => Promise<void>,
): Promise<void> {
  const layer = await storeOver(files).open("web", { sizeBytes: BYTES });
  const disk = new Disk({
    ...{ disk: "d1", name: "web", sizeBytes: BYTES, blockSizes, layer },
    clock: systemClock,
  });
  const metrics = createMetrics().service;
  const config = NbdConfig.parse({});
  const nbd = new NbdExport({ id: "nbd", config, dataDir: folder, log, native, metrics });
  const { addresses, close } = await nbd.attach(disk);
  const uri = addresses[0]?.uri as string;
  const clients = [await NbdClient.connect(uri), await NbdClient.connect(uri)] as const;
  try {
    for (const { flags } of clients) expect(flags & CAN_MULTI_CONN).toBe(CAN_MULTI_CONN);
    await run(...clients);
  } finally {
    for (const client of clients) client.destroy();
    await close();
    await layer.close();
  }
}

/** What each sector holds when the power is back after a cut in the midst of `run`. */
async function afterPowerCut(
  seed: number,
  run: (one: NbdClient, other: NbdClient) => Promise<void>,
  forgets?: Sync,
): Promise<readonly number[]> {
  const files = new PowerCutFiles(ROOT, { forgets });
  const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;
  await storeOver(files).create({ layer: "web", sizeBytes: BYTES, stamp });
  await served(files, async (one) => one.write(0, Buffer.alloc(BYTES, OLD), { fua: true }));
  let survivors = files;
  await served(files, async (one, other) => {
    await run(one, other);
    survivors = files.cut(seed);
  });
  let found: readonly number[] = [];
  await served(survivors, async (one) => {
    const content = await one.read(0, BYTES);
    found = SEEDS.slice(0, SECTORS).map((_, index) => content[index * SECTOR] ?? -1);
  });
  return found;
}

const all = (value: number): readonly number[] => Array<number>(SECTORS).fill(value);
const fresh = Buffer.alloc(BYTES, NEW);

test.each([
  [
    "written on one connection and flushed on another",
    NEW,
    async (one: NbdClient, other: NbdClient) => {
      await one.write(0, fresh);
      await other.flush();
    },
  ],
  [
    "zeroed on one connection and flushed on another",
    0,
    async (one: NbdClient, other: NbdClient) => {
      await one.zero(0, BYTES);
      await other.flush();
    },
  ],
  [
    "written on both and flushed on one",
    NEW,
    async (one: NbdClient, other: NbdClient) => {
      await Promise.all([
        one.write(0, fresh.subarray(BYTES / 2)),
        other.write(BYTES / 2, fresh.subarray(BYTES / 2)),
      ]);
      await one.flush();
    },
  ],
  [
    "written with FUA, and nothing flushed",
    NEW,
    async (one: NbdClient) => one.write(0, fresh, { fua: true }),
  ],
])("after a power cut there is what was %s", async (_, wanted, run) => {
  for (const seed of SEEDS) expect(await afterPowerCut(seed, run), `seed ${seed}`).toEqual(all(wanted));
});

test("a write that was answered and not flushed may be lost: each sector is the old one or the new", async () => {
  const found: number[] = [];
  for (const seed of SEEDS) found.push(...(await afterPowerCut(seed, (one) => one.write(0, fresh))));
  expect(new Set(found)).toEqual(new Set([OLD, NEW]));
});

test("a flush that didn't sync would be found out", async () => {
  const flushed = (one: NbdClient, other: NbdClient) => one.write(0, fresh).then(() => other.flush());
  const found: number[] = [];
  for (const seed of SEEDS) found.push(...(await afterPowerCut(seed, flushed, "datasync")));
  expect(new Set(found)).not.toEqual(new Set([NEW]));
});
