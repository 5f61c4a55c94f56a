import assert from "node:assert/strict";
import { CodedError, type Layer } from "pagurus";
import { BLOCK_BYTES } from "../cell.ts";

/** Reads every block: each is as in `content`, or reading it fails. Answers those that fail. */
export const blocksThatFail = async (layer: Layer, content: Buffer): Promise<number[]> => {
  const failed: number[] = [];
  for (let at = 0; at < layer.sizeBytes; at += BLOCK_BYTES) {
    const into = Buffer.alloc(Math.min(BLOCK_BYTES, layer.sizeBytes - at), 0xee);
    try {
      await layer.read(at, into);
    } catch (error) {
      assert.ok(CodedError.is(error, "layer-io-failed"), String(error));
      failed.push(at / BLOCK_BYTES);
      continue;
    }
    assert.ok(into.equals(content.subarray(at, at + into.length)), `block ${at / BLOCK_BYTES} reads wrong`);
  }
  return failed;
};
