import type { Rule } from "../rehearsal/rule.ts";
import type { Lab, LabPart } from "../world.ts";
import { BLOCK_BYTES } from "./blocks.ts";

type NewRule = Pick<Rule, "datastore" | "operation" | "act" | "delayMs"> & { readonly block?: number };

/** What the datastores were told to do in this scenario, and which of it a move waits at now. */
export class Rehearsal implements LabPart {
  readonly #lab: Lab;
  #holding: Rule | undefined;
  #guest: Rule | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** It is done to the next operation that fits. */
  arm({ block, ...rule }: NewRule): Promise<Rule> {
    const at = block === undefined ? {} : { at: block * BLOCK_BYTES };
    return this.#lab.conductor.arm({ ...rule, ...at, skip: 0 });
  }

  /** Runs `until` and resolves when the move waits at the next operation that fits. */
  async holdAt(rule: Omit<NewRule, "act">, act: "hold-before" | "hold-after", until: () => Promise<void>) {
    const armed = await this.arm({ ...rule, act });
    await until();
    await this.#lab.conductor.reached(armed);
    this.#holding = armed;
  }

  /** Lets go what `holdAt` holds. */
  goOn(): void {
    if (!this.#holding) throw new Error("nothing is held");
    this.#lab.conductor.goOn(this.#holding);
    this.#holding = undefined;
  }

  /** Lets go what is held, and resolves when it waits at the next operation that fits. */
  goOnTo(rule: Omit<NewRule, "act">): Promise<void> {
    return this.holdAt(rule, "hold-before", async () => this.goOn());
  }

  /** Runs `ask` and resolves when the datastore holds the guest's request, whatever the move does. */
  async keepGuestWaiting(rule: Omit<NewRule, "act">, ask: () => Promise<void>): Promise<void> {
    this.#guest = await this.arm({ ...rule, act: "hold-before" });
    await ask();
    await this.#lab.conductor.reached(this.#guest);
  }

  letGuestGoOn(): void {
    if (!this.#guest) throw new Error("no guest is kept waiting");
    this.#lab.conductor.goOn(this.#guest);
  }

  async end(): Promise<void> {}
}
