import type { Channel, Receiver } from "../channel.ts";

/** A far end without a socket: takes what is sent, and lets a stream of bytes arrive in any parts. */
export class FakeChannel implements Channel {
  receiver: Receiver = { room: () => Buffer.alloc(0), received: () => false, hungUp: () => {} };
  readonly sent: Buffer[] = [];
  readonly closed: Promise<void>;
  readonly unsentBytes = 0;
  destroyed = false;
  reading = true;
  #close: () => void = () => {};

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  alive(): boolean {
    return !this.destroyed;
  }

  /** Every other time the kernel takes all at once. */
  send(bytes: Buffer, done?: () => void): boolean {
    this.sent.push(Buffer.from(bytes));
    const atOnce = this.sent.length % 2 === 0;
    if (!atOnce && done !== undefined) setImmediate(done);
    return atOnce;
  }

  sendSoon(bytes: Buffer, done: () => void): void {
    this.sent.push(Buffer.from(bytes));
    setImmediate(done);
  }

  resume(): void {
    this.reading = true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    this.destroyed = true;
    this.#close();
  }

  /** Lets the parts arrive one after another, as fast as they are read. */
  async arrive(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts)
      for (let at = 0; at < part.length && !this.destroyed; ) {
        while (!this.reading && !this.destroyed) await new Promise((resolve) => setImmediate(resolve));
        const room = this.receiver.room();
        if (room.length === 0) throw new Error("there is no room for what arrives");
        const count = Math.min(room.length, part.length - at);
        room.set(part.subarray(at, at + count));
        at += count;
        this.reading = this.receiver.received(count);
      }
  }
}
