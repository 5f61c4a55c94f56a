import { type Channel, openChannel } from "./channel.ts";
import type { Cue, Deed, Operation, Rule, Sign } from "./rule.ts";

/** One datastore's part of a rehearsal, in its own thread: the rules that it follows and what it tells. */
export class Script {
  readonly #datastore: string;
  readonly #channel: Channel<Sign>;
  readonly #player: string;
  readonly #skipped = new Map<number, number>();
  readonly #used = new Set<number>();
  readonly #held = new Map<number, () => void>();
  #rules: readonly Rule[] = [];
  #ended = false;

  private constructor(datastore: string, channel: Channel<Sign>) {
    this.#datastore = datastore;
    this.#channel = channel;
    this.#player = `${datastore}-${Math.random()}`;
  }

  /** Resolves when the conductor has told its rules: nothing is done without them. */
  static async begin(datastore: string, channelName: string): Promise<Script> {
    let hear: (cue: Cue) => void = () => undefined;
    const script = new Script(
      datastore,
      // What other datastores tell the conductor is heard here too.
      openChannel<Cue | Sign, Sign>(channelName, (heard) => "cue" in heard && hear(heard)),
    );
    await new Promise<void>((resolve) => {
      hear = (cue) => {
        script.#follow(cue);
        resolve();
      };
      script.#tell({ sign: "here", player: script.#player });
    });
    return script;
  }

  end(): void {
    this.#tell({ sign: "gone", player: this.#player });
    this.#ended = true;
    this.#channel.close();
  }

  /** The rule that this operation is to follow. */
  take(operation: Operation, offset: number, length: number): Rule | undefined {
    const fits = (rule: Rule) =>
      rule.datastore === this.#datastore &&
      rule.operation === operation &&
      !this.#used.has(rule.id) &&
      (rule.at === undefined || (offset <= rule.at && rule.at < offset + length));
    for (const rule of this.#rules.filter(fits)) {
      const skipped = this.#skipped.get(rule.id) ?? 0;
      this.#skipped.set(rule.id, skipped + 1);
      if (skipped < rule.skip) continue;
      if (rule.act !== "delay") this.#used.add(rule.id);
      return rule;
    }
    return undefined;
  }

  /** Tells that the rule was reached and waits until the rehearsal goes on. */
  async hold(rule: Rule): Promise<void> {
    const released = new Promise<void>((resolve) => this.#held.set(rule.id, resolve));
    this.reached(rule);
    await released;
  }

  reached(rule: Rule): void {
    this.#tell({ sign: "reached", rule: rule.id });
  }

  did(deed: Omit<Deed, "datastore" | "endedNs">): void {
    this.#tell({
      sign: "did",
      deed: { ...deed, datastore: this.#datastore, endedNs: process.hrtime.bigint() },
    });
  }

  #follow(cue: Cue): void {
    if (cue.cue === "go-on") {
      // Another thread has met it: whoever gets there later isn't held any more.
      this.#used.add(cue.rule);
      this.#held.get(cue.rule)?.();
      this.#held.delete(cue.rule);
      return;
    }
    this.#rules = cue.rules;
    this.#tell({ sign: "ready", player: this.#player, turn: cue.turn });
  }

  #tell(sign: Sign): void {
    if (!this.#ended) this.#channel.send(sign);
  }
}
