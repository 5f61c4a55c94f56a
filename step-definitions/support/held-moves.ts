import type { HeldPoint } from "../lab/probe-points.ts";
import type { Lab, LabPart } from "../world.ts";

/** The next move, held before it copies anything. */
export class HeldMoves implements LabPart {
  readonly #lab: Lab;
  #held: HeldPoint | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  hold(): void {
    this.#held = this.#lab.points.hold("copying/before");
  }

  async reached(): Promise<void> {
    await this.#held?.reached;
  }

  goOn(): void {
    this.#held?.goOn();
  }

  async end(): Promise<void> {
    this.goOn();
  }
}
