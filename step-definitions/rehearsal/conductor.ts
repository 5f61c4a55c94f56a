import { openChannel } from "./channel.ts";
import type { Cue, Deed, Rule, Sign } from "./rule.ts";

/**
 * Holds the datastores of a rehearsal, whatever thread they are in, at the points that a scenario names, makes them
 * fail there, and remembers what they did.
 */
export class Conductor {
  readonly channelName = `pagurus-rehearsal-${process.pid}-${Math.random()}`;
  readonly #channel = openChannel<Sign, Cue>(this.channelName, (sign) => this.#hear(sign));
  readonly #players = new Set<string>();
  readonly #reached = new Set<number>();
  readonly #released = new Set<number>();
  #rules: readonly Rule[] = [];
  #deeds: Deed[] = [];
  #turn = 0;
  #ready = new Set<string>();
  #changed: () => void = () => undefined;

  /** What the datastores have done so far, in the order in which it ended. */
  async deeds(): Promise<readonly Deed[]> {
    await this.#agree();
    return this.#deeds.toSorted((a, b) => (a.endedNs < b.endedNs ? -1 : 1));
  }

  /** Resolves when every datastore knows the rule. */
  async arm(rule: Omit<Rule, "id">): Promise<Rule> {
    const armed = { ...rule, id: this.#rules.length };
    this.#rules = [...this.#rules, armed];
    await this.#agree();
    return armed;
  }

  /** Resolves when an operation has met the rule. */
  async reached(rule: Rule): Promise<void> {
    await this.#until(() => this.#reached.has(rule.id));
  }

  goOn(rule: Rule): void {
    this.#released.add(rule.id);
    this.#send({ cue: "go-on", rule: rule.id });
  }

  /** After a thread was killed, which could not say good-bye: who is still there says so. */
  forget(): void {
    this.#players.clear();
    this.#sendRules();
  }

  /** Lets everything go on; nothing follows a rule any more. */
  release(): void {
    const rules = this.#rules;
    this.#rules = [];
    this.#send({ cue: "rules", turn: this.#turn, rules: [] });
    for (const rule of rules) this.goOn(rule);
  }

  end(): void {
    this.#channel.close();
  }

  async #agree(): Promise<void> {
    this.#turn++;
    this.#ready = new Set();
    this.#sendRules();
    await this.#until(() => [...this.#players].every((player) => this.#ready.has(player)));
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        const before = this.#changed;
        this.#changed = () => {
          before();
          resolve();
        };
      });
  }

  #hear(sign: Sign): void {
    if (sign.sign === "here") {
      this.#players.add(sign.player);
      this.#sendRules();
    } else if (sign.sign === "gone") this.#players.delete(sign.player);
    else if (sign.sign === "ready" && sign.turn === this.#turn) {
      this.#players.add(sign.player);
      this.#ready.add(sign.player);
    } else if (sign.sign === "reached") this.#reached.add(sign.rule);
    else if (sign.sign === "did") this.#deeds.push(sign.deed);
    const changed = this.#changed;
    this.#changed = () => undefined;
    changed();
  }

  /** Those not used up yet: a datastore that comes anew, as after a restart, must not use one again. */
  #sendRules(): void {
    const rules = this.#rules.filter(({ id }) => !this.#reached.has(id));
    this.#send({ cue: "rules", turn: this.#turn, rules });
  }

  #send(cue: Cue): void {
    this.#channel.send(cue);
  }
}
