import type { Handshake } from "./handshake.ts";

/**
 * Handshakes under way. Where there are too many the oldest goes for the newest: an honest client is through in
 * moments, and whoever only holds a place must not keep others out.
 */
export class Handshakes {
  readonly #most: number;
  readonly #underWay = new Set<Handshake>();

  constructor(most: number) {
    this.#most = most;
  }

  begin(handshake: Handshake): void {
    const [oldest] = this.#underWay;
    if (oldest !== undefined && this.#underWay.size >= this.#most) this.#drop(oldest);
    this.#underWay.add(handshake);
    void handshake.channel.closed.then(() => this.end(handshake));
  }

  /** It has led somewhere, or is gone. */
  end(handshake: Handshake): void {
    this.#underWay.delete(handshake);
  }

  /** Resolves when all are gone, each refused what it asks next. */
  async shutDown(): Promise<void> {
    await Promise.all([...this.#underWay].map((handshake) => handshake.shutDown()));
  }

  #drop(handshake: Handshake): void {
    this.end(handshake);
    handshake.channel.destroy();
  }
}
