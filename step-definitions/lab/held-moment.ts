import type { Lab, LabPart } from "../world.ts";
import type { HeldPoint } from "./probe-points.ts";

/** The point of a job at which a scenario holds the engine. */
export class HeldMoment implements LabPart {
  readonly #lab: Lab;
  #held: HeldPoint | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Runs `until` and resolves when the engine waits at the point. */
  async holdAt(point: string, until: () => Promise<void>): Promise<void> {
    const held = this.#lab.points.hold(point);
    await until();
    await held.reached;
    this.#held = held;
  }

  goOn(): void {
    if (!this.#held) throw new Error("the engine is not held");
    this.#held.goOn();
    this.#held = undefined;
  }

  async end(): Promise<void> {}
}
