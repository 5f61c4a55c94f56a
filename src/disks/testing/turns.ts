/** Lets the event loop turn once. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns the event loop often enough for everything that isn't held to end. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await turn();
}
