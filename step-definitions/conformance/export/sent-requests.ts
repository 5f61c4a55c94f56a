import assert from "node:assert/strict";
import { endOf, inTime } from "./in-time.ts";

/** A request that a client has sent: `outcome` is `done`, an error's name, or what ended it. */
export interface Sent {
  readonly what: string;
  readonly bytes: Promise<Uint8Array | undefined>;
  outcome: string | undefined;
}

/** The requests that a scenario has sent without waiting for them. */
export class SentRequests {
  readonly all: Sent[] = [];

  /** `then` runs when it is done. */
  add(what: string, request: Promise<unknown>, then: () => void = () => undefined): void {
    const sent: Sent = { what, outcome: undefined, bytes: follow() };
    this.all.push(sent);
    async function follow(): Promise<Uint8Array | undefined> {
      try {
        const bytes = await request;
        sent.outcome = "done";
        then();
        return bytes instanceof Uint8Array ? bytes : undefined;
      } catch (error) {
        sent.outcome = endOf(error);
        return undefined;
      }
    }
  }

  get answered(): readonly Sent[] {
    return this.all.filter(({ outcome }) => outcome !== undefined);
  }

  /** Resolves when each has been answered, however. */
  async settled(which: readonly Sent[] = this.all): Promise<void> {
    for (const { what, bytes } of which) await inTime(bytes, `${what} was to be answered`);
  }

  async assertDone(which: readonly Sent[] = this.all): Promise<void> {
    await this.settled(which);
    for (const { what, outcome } of which)
      assert.equal(outcome, "done", `${what} was to be done, and ended otherwise: ${outcome}`);
  }
}
