import assert from "node:assert/strict";
import type { LayerUnderTest } from "../layer-under-test.ts";

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The extents cover the range from end to end, in order, and nothing else. */
export const assertNoGap = async ({ layer }: LayerUnderTest, { offset, length }: Range): Promise<void> => {
  let end = offset;
  for await (const extent of layer.extents(offset, length)) {
    assert.ok(extent.length > 0, `the extent at ${extent.offset} is empty`);
    assert.ok(
      extent.offset === end,
      `an extent begins at ${extent.offset}, the one before it ended at ${end}`,
    );
    end += extent.length;
  }
  assert.ok(end === offset + length, `the last extent ends at ${end}, the range at ${offset + length}`);
};

/** What is called a hole reads as zeroes. */
export const assertNoDataHidden = async (
  { layer, expected }: LayerUnderTest,
  { offset, length }: Range,
): Promise<void> => {
  for await (const extent of layer.extents(offset, length)) {
    if (extent.kind === "data") continue;
    const at = expected.slice(extent.offset, extent.length).findIndex((byte) => byte !== 0);
    assert.ok(at < 0, `data at ${extent.offset + at} is called ${extent.kind}`);
  }
};
