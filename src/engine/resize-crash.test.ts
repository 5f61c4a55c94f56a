import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { NbdClient } from "../testing/index.ts";
import { KillableEngine } from "./testing/killable-engine.ts";
import { type DiskView, MIB } from "./testing/test-engine.ts";

const SMALL = MIB;
const LARGE = 2 * MIB;
/** Where a shrunk disk's end could come back. */
const LARGER = 3 * MIB;

let server: KillableEngine;
let mark = 0;
beforeAll(async () => {
  server = await KillableEngine.start();
}, 60_000);
afterAll(() => server.end());
// A test that failed leaves its disk.
afterEach(() => server.call("disks.remove", { name: "web" }).catch(() => undefined));

const shown = () => server.call<DiskView>("disks.show", { name: "web" });
const resize = (sizeBytes: number, options: object = {}) =>
  server.call<DiskView>("disks.resize", { name: "web", sizeBytes, ...options });
const connect = async () => NbdClient.connect((await shown()).exports[0]?.uri as string);
/** Which bytes there are, each once. */
const bytesIn = (content: Buffer): readonly number[] => [...new Set(content)];
const read = async (from: number, to: number): Promise<readonly number[]> => {
  const client = await connect();
  const content = await client.read(from, to - from);
  await client.disconnect();
  return bytesIn(content);
};

/** A disk of its own that is full of one byte, which was promised to be durable. */
const filledDisk = async (sizeBytes: number): Promise<number> => {
  await server.call("disks.create", { name: "web", sizeBytes, datastore: "fast" });
  const client = await connect();
  mark = 1 + (mark % 255);
  await client.write(0, Buffer.alloc(sizeBytes, mark), { fua: true });
  await client.disconnect();
  return mark;
};

/** How long catalog, sidecar and image say that the disk is. */
const lengths = async () => {
  const { sizeBytes, state, layers } = await shown();
  const layer = layers[0]?.layer as string;
  return {
    state,
    catalog: sizeBytes,
    sidecar: (await server.sidecar("fast", layer)).sizeBytes,
    image: (await stat(join(server.folder, "fast", `${layer}.raw`))).size,
  };
};

/** Grown, nothing comes back beyond `upTo`; removed, nothing is left. */
const endsClean = async (upTo: number): Promise<void> => {
  await resize(LARGER);
  const all = { catalog: LARGER, sidecar: LARGER, image: LARGER };
  expect(await lengths()).toEqual({ state: "available", ...all });
  expect(await read(upTo, LARGER)).toEqual([0]);
  const { id } = await server.call<DiskView>("disks.remove", { name: "web" });
  expect(await server.files("fast")).toEqual([]);
  expect(await server.sockets()).not.toContain(`${id}.sock`);
};

test.each([
  ["lengthened/before", SMALL, SMALL],
  ["resized/before", SMALL, LARGE],
  ["resized/recorded", LARGE, LARGE],
  ["resized/done", LARGE, LARGE],
  ["answered", LARGE, LARGE],
])(
  "killed at %s while a disk grows, it is %i bytes long and its layer %i, and nothing of it is lost",
  async (point, disk, layer) => {
    const byte = await filledDisk(SMALL);
    await server.killedAt(point, () => resize(LARGE));
    expect(await lengths()).toEqual({ state: "available", catalog: disk, sidecar: layer, image: layer });
    const client = await connect();
    expect(client.sizeBytes).toBe(disk);
    await client.disconnect();
    expect(await read(0, SMALL)).toEqual([byte]);
    if (disk > SMALL) expect(await read(SMALL, disk)).toEqual([0]);
    await endsClean(SMALL);
  },
  60_000,
);

test.each([
  ["cleared/before", LARGE, LARGE, true],
  ["resized/before", LARGE, LARGE, false],
  ["resized/recorded", SMALL, LARGE, false],
  ["cut/done", SMALL, SMALL, false],
  ["resized/done", SMALL, SMALL, false],
  ["answered", SMALL, SMALL, false],
])(
  "killed at %s while a disk shrinks, it is %i bytes long and its layer %i, and what it keeps is whole",
  async (point, disk, layer, endIsThere) => {
    const byte = await filledDisk(LARGE);
    await server.killedAt(point, () => resize(SMALL, { shrink: true }));
    expect(await lengths()).toEqual({ state: "available", catalog: disk, sidecar: layer, image: layer });
    const client = await connect();
    expect(client.sizeBytes).toBe(disk);
    await client.disconnect();
    expect(await read(0, SMALL)).toEqual([byte]);
    // What lay beyond was given up with the request; before anything was done for that it is there.
    if (disk > SMALL) expect(await read(SMALL, disk)).toEqual([endIsThere ? byte : 0]);
    await endsClean(endIsThere ? LARGE : SMALL);
  },
  60_000,
);
