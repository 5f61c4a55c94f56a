import { CodedError } from "pagurus";
import type { FakeLayer, LayerRequest } from "pagurus/testing";
import { BLOCK_BYTES, type MoveUnderTest } from "./move-under-test.ts";

/** What can be wrong with the storage of a move, as scenarios say it. */
export type Trouble = (move: MoveUnderTest) => void;

const BLOCK = 3;
const blockAt = BLOCK * BLOCK_BYTES;

const fails = (
  move: MoveUnderTest,
  layer: FakeLayer,
  { operation, code }: { readonly operation: LayerRequest["operation"]; readonly code: string },
): void => {
  const before = layer.fault;
  let left = 1;
  layer.fault = (asked) => {
    before(asked);
    // A layer that failed to flush stays failed; anything else fails once.
    if (asked.operation !== operation || (operation !== "flush" && --left < 0)) return;
    move.holdsAtFailure ??= move.holds;
    throw new CodedError(code, { ...layer.ref, reason: "the scenario says so" });
  };
};

/** What reads or writes take, for each block. */
export const takes = (
  layer: FakeLayer,
  operation: "read" | "write",
  { ms, pass }: { readonly ms: number; readonly pass: (ms: number) => void },
): void => {
  const before = layer.fault;
  layer.fault = (asked) => {
    before(asked);
    if (asked.operation === operation) pass((ms * asked.length) / BLOCK_BYTES);
  };
};

const troubles = {
  "the source fails to read": (move) =>
    fails(move, move.source, { operation: "read", code: "layer-io-failed" }),
  "the target fails to write": (move) =>
    fails(move, move.target, { operation: "write", code: "layer-io-failed" }),
  "the target is full": (move) => fails(move, move.target, { operation: "write", code: "no-space" }),
  "the target fails to flush": (move) =>
    fails(move, move.target, { operation: "flush", code: "layer-io-failed" }),
  "the target turns over a bit": ({ target }) => {
    let turned = false;
    target.rot = ({ offset, length }) => {
      if (turned || blockAt < offset || blockAt >= offset + length) return;
      turned = true;
      target.bytes[blockAt] = (target.bytes[blockAt] ?? 0) ^ 1;
    };
  },
  "the target puts a block in the place of its neighbour": ({ target }) => {
    target.misdirect = (offset) => (offset === 0 ? BLOCK_BYTES : offset);
  },
  "the source calls a block a hole that is none": ({ source }) => {
    source.hides = (offset) => Math.floor(offset / BLOCK_BYTES) === BLOCK;
  },
  "the data path forgets a block that was written": (move) => {
    move.loses = BLOCK;
  },
} as const satisfies Record<string, Trouble>;

export const troubleNames = Object.keys(troubles);
export const troubleOf = (name: string): Trouble => troubles[name as keyof typeof troubles];
