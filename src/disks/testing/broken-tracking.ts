import type { FakeLayer } from "../../testing/fake-layer.ts";
import { blockOf, type Run } from "../blocks.ts";
import { lastBlockOf, type Tracker } from "../tracker.ts";

/** Makes sound tracking unsound, in one of the ways in which such strategies are known to lose writes. */
export type Break = (tracker: Tracker, source: FakeLayer) => void;

const runOf = (offset: number, length: number): Run => {
  const first = blockOf(offset);
  return { first, count: lastBlockOf(offset, length) - first + 1 };
};

/** The mark is cleared when the block has been read, and with it that of a write meanwhile. */
const clearsAfterRead: Break = (tracker) => {
  const vouch = tracker.vouch.bind(tracker);
  tracker.vouch = (run) => {
    vouch(run);
    tracker.dirty.clear(run.first, run.count);
  };
};

/** A write is marked when it arrives, and not when it has reached the layer. */
const marksOnArrival: Break = (tracker) => {
  const touch = tracker.arrived.bind(tracker);
  tracker.arrived = (offset, length) => {
    const { first, count } = runOf(offset, length);
    tracker.touch(first, count);
    tracker.mark(first, Math.min(count, Math.max(0, tracker.cursor - first)));
  };
  tracker.ended = touch;
};

/** Whether a write is behind the cursor is decided when it arrives. */
const decidesOnArrival: Break = (tracker) => {
  const arrived = tracker.arrived.bind(tracker);
  const behind = new Map<string, number>();
  tracker.arrived = (offset, length) => {
    arrived(offset, length);
    const { first, count } = runOf(offset, length);
    behind.set(`${offset}:${length}`, Math.min(count, Math.max(0, tracker.cursor - first)));
  };
  tracker.ended = (offset, length) => {
    arrived(offset, length);
    tracker.mark(blockOf(offset), behind.get(`${offset}:${length}`) ?? 0);
  };
};

/** Extents are asked for first; the marks are cleared, and the cursor moved, when they are used. */
const asksTooEarly: Break = (tracker, source) => {
  const begin = tracker.begin.bind(tracker);
  const vouchHoles = tracker.vouchHoles.bind(tracker);
  const read = source.read.bind(source);
  let asked: Run[] = [];
  const use = (block: number) => {
    for (const run of asked) if (run.first <= block && block < run.first + run.count) begin(run);
    asked = asked.filter(({ first, count }) => block < first || first + count <= block);
  };
  tracker.begin = ({ first, count }) => void asked.push({ first, count });
  tracker.vouchHoles = (run) => {
    use(run.first);
    vouchHoles(run);
  };
  source.read = (offset, into) => {
    use(blockOf(offset));
    return read(offset, into);
  };
};

export const broken = { clearsAfterRead, marksOnArrival, decidesOnArrival, asksTooEarly } as const;
