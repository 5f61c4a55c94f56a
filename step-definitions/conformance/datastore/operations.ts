import assert from "node:assert/strict";
import type { LayerUnderTest } from "../layer-under-test.ts";
import { pattern } from "../model.ts";
import type { Random } from "../random.ts";
import { assertNoDataHidden, assertNoGap } from "./extents.ts";

const sector = 512;
/** The longest random range, in sectors: somewhat more than ten pages. */
const maxSectors = 48;

interface Ranged {
  readonly offset: number;
  readonly length: number;
}

export type Operation =
  | ({ readonly do: "write"; readonly word: string } & Ranged)
  | ({ readonly do: "zero" | "read" } & Ranged)
  | { readonly do: "flush" | "reopen" | "map" }
  | { readonly do: "resize"; readonly sizeBytes: number };

/** Operations that are under way at once, and don't touch each other. */
export type Turn = readonly Operation[];

interface Plan {
  readonly count: number;
  readonly sizeBytes: number;
  readonly atOnce: number;
  /** Whether the layer's length may change. */
  readonly resizes: boolean;
}

/** Some `count` random operations, planned before the first is made: the same seed gives the same ones. */
export const planned = (random: Random, { count, sizeBytes, atOnce, resizes }: Plan): readonly Turn[] => {
  const turns: Turn[] = [];
  let sectors = sizeBytes / sector;
  for (let made = 0; made < count; made += turns.at(-1)?.length ?? 1) {
    const chance = random(24);
    if (chance < 2) turns.push([{ do: "flush" }]);
    else if (chance === 2) turns.push([{ do: "map" }]);
    else if (chance === 3) turns.push([{ do: "reopen" }]);
    else if (chance < 7 && resizes) {
      sectors = atOnce + random((2 * sizeBytes) / sector);
      turns.push([{ do: "resize", sizeBytes: sectors * sector }]);
    } else turns.push(besides(random, { sectors, operations: 1 + random(atOnce), made }));
  }
  return turns;
};

/** Each in a part of the layer of its own. */
const besides = (
  random: Random,
  { sectors, operations, made }: { sectors: number; operations: number; made: number },
): Turn =>
  Array.from({ length: operations }, (_, index) => {
    const part = Math.floor(sectors / operations);
    const first = random(part);
    const offset = (index * part + first) * sector;
    const length = (1 + random(Math.min(maxSectors, part - first))) * sector;
    const kind = random(9);
    if (kind < 4) return { do: "write", offset, length, word: `${made + index}` };
    return { do: kind < 6 ? "zero" : "read", offset, length };
  });

/** Makes it on the layer and on what the layer must hold; throws where they disagree. */
export const perform = async (it: LayerUnderTest, operation: Operation): Promise<void> => {
  // Fewer operations than were planned may leave the layer shorter than it was to be.
  if ("offset" in operation && operation.offset + operation.length > it.sizeBytes) return;
  switch (operation.do) {
    case "write":
      return lend(it, operation.offset, pattern(operation.word, operation.offset, operation.length));
    case "zero":
      return it.zero(operation.offset, operation.length);
    case "read":
      return compare(it, operation);
    case "resize":
      return it.resize(operation.sizeBytes);
    case "flush":
      return it.layer.flush();
    case "reopen":
      await it.close();
      return it.open();
    case "map":
      return compareMap(it);
  }
};

/** The buffer is used for something else as soon as the write has ended. */
const lend = async (it: LayerUnderTest, offset: number, bytes: Uint8Array): Promise<void> => {
  const from = new Uint8Array(bytes);
  await it.layer.write(offset, from);
  from.fill(0xee);
  it.expected.set(bytes, offset);
};

const compare = async (it: LayerUnderTest, { offset, length }: Ranged): Promise<void> => {
  const wanted = it.expected.slice(offset, length);
  const found = await it.read(offset, length);
  const at = found.findIndex((byte, index) => byte !== wanted[index]);
  assert.ok(at < 0, `byte ${offset + at} is ${found[at]}, must be ${wanted[at]}`);
};

const compareMap = async (it: LayerUnderTest): Promise<void> => {
  const all = { offset: 0, length: it.sizeBytes };
  await assertNoGap(it, all);
  if (it.layer.exactExtents === true) await assertNoDataHidden(it, all);
};

export const textOf = (operation: Operation): string => {
  if ("offset" in operation) return `${operation.do} ${operation.length} B at ${operation.offset} B`;
  return operation.do === "resize" ? `resize to ${operation.sizeBytes} B` : operation.do;
};
