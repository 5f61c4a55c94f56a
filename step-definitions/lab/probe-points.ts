/** A point of the engine at which it is held, see `crashPoints`. */
export interface HeldPoint {
  /** Resolves when the engine waits there. */
  readonly reached: Promise<void>;
  goOn(): void;
}

/** Holds the control plane at the points that a scenario names, each once. */
export class ProbePoints {
  readonly #reachedNs = new Map<string, bigint>();
  readonly #held = new Map<string, { readonly tell: () => void; readonly released: Promise<void> }>();
  readonly #release: (() => void)[] = [];

  /** When a point was reached last, on the clock of the rehearsal's deeds. */
  timeOf(point: string): bigint {
    const time = this.#reachedNs.get(point);
    if (time === undefined) throw new Error(`the engine has not come to ${point}`);
    return time;
  }

  hold(point: string): HeldPoint {
    let tell = () => {};
    let goOn = () => {};
    const reached = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const released = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    this.#held.set(point, { tell, released });
    this.#release.push(goOn);
    return { reached, goOn };
  }

  /** For `createEngine`. */
  readonly probe = async (point: string): Promise<void> => {
    this.#reachedNs.set(point, process.hrtime.bigint());
    const held = this.#held.get(point);
    if (held === undefined) return;
    this.#held.delete(point);
    held.tell();
    await held.released;
  };

  /** Lets everything go on. */
  end(): void {
    this.#held.clear();
    for (const goOn of this.#release) goOn();
  }
}
