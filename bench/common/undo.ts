/** What has to be taken back at the end, in reverse order, however the end comes. */
export class Undo {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Takes back all of it; a step that fails keeps no other from being taken. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop())
      await step().catch((error: unknown) => process.stderr.write(`bench: left behind: ${String(error)}\n`));
  }
}

export const withUndo = async <T>(work: (undo: Undo) => Promise<T>): Promise<T> => {
  const undo = new Undo();
  try {
    return await work(undo);
  } finally {
    await undo.run();
  }
};
