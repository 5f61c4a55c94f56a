import assert from "node:assert/strict";
import type { LayerUnderTest } from "../layer-under-test.ts";

/** What the layer has wrong; `undefined` where it holds what it must. */
export const wrongIn = async (layer: LayerUnderTest): Promise<string | undefined> => {
  const offset = await layer.difference();
  if (offset === undefined) return undefined;
  const sector = offset - (offset % 512);
  const found = (await layer.read(sector, 512))[offset - sector];
  return `byte ${offset} is ${found}, must be ${layer.expected.slice(offset, 1)[0]}`;
};

export const assertAsWritten = async (layer: LayerUnderTest): Promise<void> => {
  const wrong = await wrongIn(layer);
  assert.ok(wrong === undefined, wrong);
};
