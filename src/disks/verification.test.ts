import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import type { FakeLayer } from "../testing/fake-layer.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { filled } from "./testing/test-disk.ts";
import { type TestMoveOptions, testMove } from "./testing/test-move.ts";
import { settled } from "./testing/turns.ts";
import { Tracker } from "./tracker.ts";

const sizeBytes = 80 * BLOCK_BYTES;
const prepare = (source: FakeLayer) => void source.write(0, filled(70 * BLOCK_BYTES, 1));
const setUp = (options: Partial<TestMoveOptions> = {}) => testMove({ sizeBytes, prepare, ...options });

/** Asks for a switch-over as soon as the disk is ready; the move must have failed by then or fail in it. */
const failureOf = async (test: ReturnType<typeof testMove>): Promise<unknown> => {
  const { move, running, ready, said } = test;
  const failed = running.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  await ready();
  if (said.at(-1) === "ready")
    move
      .requestSwitch()
      .then(() => move.decide("swap"))
      .catch(() => undefined);
  return failed;
};

/** The source is as the guest left it, and takes the guest's writes. */
const expectGuestAtSource = async ({ disk, source, guest }: ReturnType<typeof testMove>) => {
  expect([disk.active, disk.gate.open]).toEqual([source, true]);
  await guest.write(79 * BLOCK_BYTES, filled(512, 77));
  expect(source.bytes[79 * BLOCK_BYTES]).toBe(77);
};

// Fails where the proof relies on the dirty bitmap alone.
test("a dirty mark that was dropped ends the move, the guest goes on at the source", async () => {
  const test = setUp();
  await test.ready();
  const { mark } = Tracker.prototype;
  Tracker.prototype.mark = () => undefined;
  try {
    await test.guest.write(5 * BLOCK_BYTES, filled(512, 2));
  } finally {
    Tracker.prototype.mark = mark;
  }
  const failure = await failureOf(test);
  expect(failure).toMatchObject({ code: "block-mismatch", data: { disk: "web", offset: 5 * BLOCK_BYTES } });
  await expectGuestAtSource(test);
});

// Fails where what was written is not read back.
test("a bit that flips at the target before the read-back ends the move", async () => {
  const test = setUp();
  test.target.rot = ({ offset }) => {
    if (offset === 0) test.target.bytes[7 * BLOCK_BYTES + 3] = 0;
  };
  expect(await failureOf(test)).toMatchObject({
    code: "block-mismatch",
    data: { offset: 7 * BLOCK_BYTES + 3 },
  });
  await expectGuestAtSource(test);
});

test.each([
  ["the bulk copy", 0],
  ["a later round", 2],
])("a write at the target that lands elsewhere in %s ends the move", async (_when, value) => {
  const test = setUp();
  const astray = (offset: number) => (offset === 0 ? 8 * BLOCK_BYTES : offset);
  if (value === 0) test.target.misdirect = astray;
  else {
    await test.ready();
    test.target.misdirect = astray;
    await test.guest.write(0, filled(512, value));
  }
  expect(await failureOf(test)).toMatchObject({ code: "block-mismatch", data: { offset: 0 } });
  await expectGuestAtSource(test);
});

// Fails where the source's holes are taken at their word and not read.
test("a hole that the source reports over data ends the move", async () => {
  const test = setUp({
    prepare: (source) => {
      prepare(source);
      source.hides = (offset) => offset === 3 * BLOCK_BYTES + 512;
    },
  });
  expect(await failureOf(test)).toMatchObject({
    code: "block-mismatch",
    data: { offset: 3 * BLOCK_BYTES + 512 },
  });
  await expectGuestAtSource(test);
});

test("a bit that flips at the target after the read-back is found by `verify: full`", async () => {
  const test = setUp({ verify: "full" });
  await test.ready();
  test.target.bytes[9 * BLOCK_BYTES] = 0;
  expect(await failureOf(test)).toMatchObject({ code: "block-mismatch", data: { offset: 9 * BLOCK_BYTES } });
  await expectGuestAtSource(test);
});

test.each([
  ["proof", 0],
  ["full", 80],
] as const)("the account of `verify: %s` counts blocks by their evidence", async (verify, comparedBlocks) => {
  const { move, guest, running, ready } = setUp({ verify });
  await ready();
  await guest.write(0, filled(512, 2));
  const { result } = await move.requestSwitch();
  const verification = {
    equal: true,
    mode: verify,
    readBackBlocks: 80 - comparedBlocks,
    holeBlocks: 0,
    comparedBlocks,
  };
  expect(result.verification).toEqual(verification);
  move.decide("swap");
  expect((await running).verification).toEqual(verification);
});

test.each([
  ["proof", 71],
  ["full", 0],
] as const)(
  "with exact layers the account of `verify: %s` counts the holes taken at their word",
  async (verify, atLeast) => {
    const blocks = 1000;
    const { move, guest, running, ready, source, target } = setUp({
      verify,
      sizeBytes: blocks * BLOCK_BYTES,
      exact: true,
    });
    await ready();
    await guest.write(900 * BLOCK_BYTES, filled(512, 2));
    const { result } = await move.requestSwitch();
    const { readBackBlocks, holeBlocks, comparedBlocks } = result.verification;
    expect(readBackBlocks + holeBlocks + comparedBlocks).toBe(blocks);
    expect(comparedBlocks).toBe(verify === "full" ? blocks : 0);
    // Those that hold data and the one written since, and up to 64 KiB of what lies between.
    expect(readBackBlocks).toBeGreaterThanOrEqual(atLeast);
    expect(readBackBlocks).toBeLessThanOrEqual(atLeast === 0 ? 0 : atLeast + 16);
    move.decide("swap");
    await running;
    expect(Buffer.compare(source.bytes, target.bytes)).toBe(0);
  },
);

test("a block written while it was copied is compared with the guest held, where no later round copied it", async () => {
  const { move, guest, source, target, running, ready } = setUp({
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      await move.switchOver(async () => undefined);
    },
  });
  await ready();
  await guest.write(0, filled(BLOCK_BYTES, 1));
  expect((await move.requestSwitch()).result.verification).toMatchObject({
    comparedBlocks: 1,
    readBackBlocks: 79,
  });
  move.decide("swap");
  await running;
  expect(Buffer.compare(source.bytes, target.bytes)).toBe(0);
});

test.each(["write", "read", "flush"] as const)(
  "M-25: a target whose %s fails in a round ends the move; the guest goes on and is no longer watched",
  async (operation) => {
    const test = setUp();
    test.target.fault = (asked) => {
      if (asked.operation === operation)
        throw new CodedError("layer-failed", { ...test.target.ref, reason: "EIO" });
    };
    expect(await failureOf(test)).toMatchObject({ code: "target-failed", cause: { code: "layer-failed" } });
    await expectGuestAtSource(test);
    const dirty = test.move.progress()["dirtyBytes"];
    expect(dirty).toBeLessThanOrEqual(sizeBytes);
    await test.guest.zero(0, sizeBytes);
    expect(test.move.progress()["dirtyBytes"]).toBe(dirty);
  },
);

test.each(["write", "read", "flush"] as const)(
  "M-26: a target whose %s fails while the guest is held lets it go on at the source at once",
  async (operation) => {
    const test = setUp();
    await test.ready();
    await test.guest.write(0, filled(512, 2));
    test.target.fault = (asked) => {
      if (asked.operation === operation)
        throw new CodedError("layer-failed", { ...test.target.ref, reason: "EIO" });
    };
    await expect(test.move.requestSwitch()).rejects.toThrow("target-failed");
    await expect(test.running).rejects.toThrow("target-failed");
    await settled();
    await expectGuestAtSource(test);
  },
);
