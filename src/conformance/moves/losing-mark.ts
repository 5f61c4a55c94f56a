import type { Disk } from "../../disks/index.ts";

/** From the next move on, the disk forgets that this block was written. What witnesses its writes does not. */
export const losingMark = (disk: Disk, block: number): void => {
  const track = disk.track.bind(disk);
  disk.track = (tracker) => {
    const mark = tracker.mark.bind(tracker);
    tracker.mark = (first, count) => {
      const end = first + count;
      if (block < first || block >= end) return mark(first, count);
      mark(first, block - first);
      mark(block + 1, end - block - 1);
    };
    track(tracker);
  };
};
