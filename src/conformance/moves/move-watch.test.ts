import { expect, test } from "vitest";
import type { DiskMove } from "../../contract/index.ts";
import { Disk, Move } from "../../disks/index.ts";
import { settled } from "../../disks/testing/turns.ts";
import type { Tracker } from "../../disks/tracker.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { FakeLayer } from "../../testing/fake-layer.ts";
import { losingMark } from "./losing-mark.ts";
import { MoveWatch } from "./move-watch.ts";

const BLOCK_BYTES = 4096;
const BLOCKS = 64;
const SIZE_BYTES = BLOCKS * BLOCK_BYTES;

/** What of a data path can be made wrong, once the watch listens. */
interface DataPath {
  readonly disk: Disk;
  readonly source: FakeLayer;
  readonly target: FakeLayer;
  /** Has the tracker changed that the move begins with. */
  tamper(change: (tracker: Tracker) => void): void;
}

const soundly = async (move: DiskMove): Promise<void> => {
  await move.copy(move.all(), "bulk");
  await move.copy(move.harvest(), "dirty");
  for (move.announce(true); !move.switchRequested; ) await move.settle(10);
  await move.switchOver(async () => void (await move.copy(move.harvest(), "final")));
};

/** Writes to what the watch has not seen yet. */
const beside = (path: DataPath, also: (offset: number, from: Uint8Array) => void): void => {
  const [layers, { disk }] = [[path.source, path.target], path];
  for (const layer of layers) {
    const write = layer.write.bind(layer);
    layer.write = (offset, from) => {
      if (layer === disk.active) also(offset, from);
      return write(offset, from);
    };
  }
};

/** Has something done in the moment in which the guest is handed over. */
const whenSwapped = ({ disk, tamper }: DataPath, work: (tracker: Tracker, swap: () => void) => void): void =>
  tamper((tracker) => {
    const swap = disk.swap.bind(disk);
    disk.swap = (layer) => {
      const former = disk.active;
      work(tracker, () => void swap(layer));
      return former;
    };
  });

const untouched = (tracker: Tracker, block: number): void => {
  const touch = tracker.touch.bind(tracker);
  tracker.touch = (first, count) => {
    if (first !== block) touch(first, count);
  };
};

/** A move whose guest writes block 3 behind the copy, 5 when the disk is ready, 7 while it is held, and 9 at the target. */
const rehearsal = async ({
  change = () => undefined,
  run = soundly,
  excused,
  writes = 1,
}: {
  readonly change?: (path: DataPath) => void;
  readonly run?: (move: DiskMove) => Promise<void>;
  readonly excused?: number;
  /** How often block 3 is written. */
  readonly writes?: number;
} = {}): Promise<{ readonly broken: string | undefined; readonly switched: boolean }> => {
  const clock = new FakeClock();
  const [source, target] = [new FakeLayer("source", SIZE_BYTES), new FakeLayer("target", SIZE_BYTES)];
  void source.write(0, new Uint8Array(SIZE_BYTES).fill(1));
  const disk = new Disk({
    ...{ disk: "dsk-web", name: "web", sizeBytes: SIZE_BYTES, layer: source, clock },
    blockSizes: { minimum: 512, preferred: BLOCK_BYTES, maximum: SIZE_BYTES },
  });
  const watch = new MoveWatch({ disk, source, target, excused });
  const tamper = (wrong: (tracker: Tracker) => void) => {
    const track = disk.track.bind(disk);
    disk.track = (tracker) => {
      track(tracker);
      wrong(tracker);
    };
  };
  change({ disk, source, target, tamper });
  const guest = disk.connect({ alive: () => true });
  const write = async (block: number) =>
    guest.write(block * BLOCK_BYTES, new Uint8Array(BLOCK_BYTES).fill(block));
  const look = async () => {
    await settled();
    watch.look();
  };
  const [copying, flushing] = [target.hold("write-started"), target.hold("flush-started")];
  const move = new Move({
    ...{ disk, target, clock, verify: "proof", commitMs: 5, signal: new AbortController().signal },
    strategy: watch.over({ id: "test", summary: "", plan: () => undefined, run }),
    budgets: { maxPauseMs: 50, maxAttempts: 1, guestImpact: 100 },
    onReady: () => undefined,
    onStunned: () => undefined,
  });
  const ended = move.run().catch(() => undefined);
  await copying.reached;
  for (let count = 0; count < writes; count++) await write(3);
  copying.release();
  await look();
  await write(5);
  const switching = move.requestSwitch().then(
    () => void move.decide("swap"),
    () => undefined,
  );
  await look();
  const held = write(7);
  flushing.release();
  await Promise.all([switching, held, ended]);
  await write(9);
  await look();
  return { broken: watch.look(), switched: disk.active === target };
};

const broken = async (options: Parameters<typeof rehearsal>[0]): Promise<string | undefined> =>
  (await rehearsal(options)).broken;

test("nothing is broken in a sound move", async () => {
  expect(await rehearsal()).toEqual({ broken: undefined, switched: true });
});

test("nothing is broken where hot blocks are left for the last round, of a harvest or of a whole copy", async () => {
  const run = async (move: DiskMove) => {
    await move.copy(move.all(), "bulk");
    await move.copy(move.harvest(), "dirty", { leaveHot: 1 });
    await move.copy(move.harvest(), "dirty");
    await move.copy(move.all(), "dirty", { leaveHot: 1 });
    await move.copy(move.harvest(), "dirty", { leaveHot: 1 });
    for (move.announce(true); !move.switchRequested; ) await move.settle(10);
    await move.switchOver(async () => void (await move.copy(move.harvest(), "final")));
  };
  expect(await rehearsal({ run, writes: 20 })).toEqual({ broken: undefined, switched: true });
});

test("I-M1: the last round leaves what was written", async () => {
  const run = async (move: DiskMove) => {
    await move.copy(move.all(), "bulk");
    await move.copy(move.harvest(), "dirty");
    for (move.announce(true); !move.switchRequested; ) await move.settle(10);
    await move.switchOver(async () => undefined);
  };
  expect(await broken({ run })).toMatch(/^I-M1: block 5 .*round 1/);
});

test("I-M1: the owner changes though nobody knows of a write, neither the marks nor the witness", async () => {
  const change = ({ disk, tamper }: DataPath) => {
    losingMark(disk, 3);
    tamper((tracker) => untouched(tracker, 3));
  };
  const { broken, switched } = await rehearsal({ change, excused: 3 });
  expect(broken).toMatch(/^I-M1: the owner changes, .* block 3 /);
  expect(switched).toBe(true);
});

test("I-M2: a mark is lost", async () => {
  expect(await broken({ change: ({ disk }) => losingMark(disk, 3) })).toMatch(/^I-M2: .* block 3; .*round 1/);
});

test("I-M2: what was harvested is not copied", async () => {
  const run = async (move: DiskMove) => {
    await move.copy(move.all(), "bulk");
    move.harvest();
    for (move.announce(true); !move.switchRequested; ) await move.settle(10);
    await move.switchOver(async () => void (await move.copy(move.harvest(), "final")));
  };
  expect(await broken({ run })).toMatch(/^I-M2: block 3 was harvested and never copied/);
});

test("I-M3: the guest's writes go to both sides", async () => {
  const change = (path: DataPath) =>
    beside(path, (offset, from) => {
      if (path.disk.active === path.source) void path.target.write(offset, from);
    });
  expect(await broken({ change })).toMatch(/^I-M3: the guest is at the source, and block 5 of the target/);
});

test("I-M3: the source goes on to be written when the guest is at the target", async () => {
  const change = (path: DataPath) =>
    beside(path, (offset, from) => {
      if (path.disk.active === path.target) void path.source.write(offset, from);
    });
  expect(await broken({ change })).toMatch(/^I-M3: the guest is at the target, and block 7 of the source/);
});

test("I-M3: a copy goes on while the guest is handed over", async () => {
  const change = (path: DataPath) =>
    whenSwapped(path, (tracker, swap) => {
      tracker.begin({ first: 2, count: 1 });
      swap();
    });
  expect(await broken({ change })).toMatch(/^I-M3: the owner changes, and block 2 /);
});

test("I-M3: a copy begins when the guest is at the target", async () => {
  const change = (path: DataPath) =>
    whenSwapped(path, (tracker, swap) => {
      swap();
      tracker.begin({ first: 2, count: 1 });
    });
  expect(await broken({ change })).toMatch(/^I-M3: the guest is at the target, and block 2 is copied/);
});

test.each([
  [
    "the source",
    "to block 4",
    ({ source }: DataPath) => void source.write(4 * BLOCK_BYTES, new Uint8Array(512)),
  ],
  [
    "bytes beyond the disk",
    "the target is to hold",
    ({ target }: DataPath) => void target.zero(SIZE_BYTES, 512),
  ],
  ["a longer layer", "longer", ({ target }: DataPath) => void target.resize().catch(() => undefined)],
])("I-M4: the move takes space that is not its own: %s", async (_, words, take) => {
  const change = (path: DataPath) =>
    path.tamper((tracker) => {
      const begin = tracker.begin.bind(tracker);
      tracker.begin = (run) => {
        begin(run);
        take(path);
      };
    });
  const found = await broken({ change });
  expect(found).toMatch(/^I-M4: /);
  expect(found).toContain(words);
});

test("I-M5: a round finds more than was written since the last one", async () => {
  const change = ({ tamper }: DataPath) =>
    tamper((tracker) => {
      const mark = tracker.mark.bind(tracker);
      tracker.mark = (first, count) => mark(first, count + 1);
    });
  expect(await broken({ change })).toMatch(/^I-M5: block 4 is marked at a harvest/);
});

test("I-M6: the owner changes before the target is durable", async () => {
  const change = ({ target }: DataPath) => {
    target.flush = async () => undefined;
  };
  expect(await broken({ change })).toMatch(/^I-M6: the owner changes, and block 0 is not durable/);
});
