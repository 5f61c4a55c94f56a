/** Turns of the event loop after which a test gives up. */
const PATIENCE = 20_000;

/** Lets the event loop turn once. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns the event loop until something is so; fails where it never gets so. */
export async function until(so: () => boolean): Promise<void> {
  for (let turns = 0; !so(); turns++) {
    if (turns === PATIENCE) throw new Error(`never came about: ${so}`);
    await turn();
  }
}

/** Turns the event loop often enough for everything that isn't held to end. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await turn();
}
