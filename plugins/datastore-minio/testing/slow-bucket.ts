import { setImmediate } from "node:timers/promises";
import { MemoryObjects } from "./memory-objects.ts";

/** PUTs of log objects arrive when, and in the order in which, a test lets them. */
export class SlowBucket {
  readonly objects: MemoryObjects;
  readonly held: (() => void)[] = [];

  constructor(objects: ReadonlyMap<string, Buffer> = new Map()) {
    this.objects = new MemoryObjects(objects);
    this.objects.before = ({ kind, key }) => {
      if (kind !== "put" || !key.startsWith("logs/")) return;
      return new Promise((resolve) => this.held.push(resolve));
    };
  }

  answer(which: number): void {
    const [release] = this.held.splice(which % Math.max(1, this.held.length), 1);
    release?.();
  }

  /** Lets so many arrive while it waits for that; false where it hasn't ended by then. */
  async during(ending: Promise<unknown>, answers = Number.POSITIVE_INFINITY): Promise<boolean> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    ending.then(end, end);
    for (let left = answers, idle = 0; !ended && idle < 200; idle++) {
      await setImmediate();
      if (this.held.length === 0 || left === 0) continue;
      this.answer(0);
      left--;
      idle = 0;
    }
    return ended;
  }
}
