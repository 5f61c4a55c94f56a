/** Runs what concerns the same disk one after another: opening, reopening, committing, closing. */
export class Serial {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Waits for everything that came before on any of the disks; what comes after waits for it. */
  async run<T>(disks: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = Promise.allSettled(disks.map((disk) => this.#last.get(disk)));
    const mine = before.then(work);
    const settled = mine.catch(() => undefined);
    for (const disk of disks) this.#last.set(disk, settled);
    try {
      return await mine;
    } finally {
      for (const disk of disks) if (this.#last.get(disk) === settled) this.#last.delete(disk);
    }
  }
}
