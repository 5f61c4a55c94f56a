import type { Clock } from "../../contract/index.ts";

/** Resolves when `work` ends, well or badly, or after `ms`: for what must be given up in the end. */
export async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const disarm = clock.after(ms, resolve);
    const done = () => {
      disarm();
      resolve();
    };
    work.then(done, done);
  });
}
