import { NbdClient } from "pagurus/testing";
import type { DiskImage, OpenChange } from "./disk-image.ts";

/** On the clock of the rehearsal's deeds. */
export interface RequestTimes {
  readonly askedNs: bigint;
  readonly answeredNs: bigint;
}

/** An NBD client that keeps account of what it was promised. */
export class Guest {
  readonly disk: string;
  readonly image: DiskImage;
  readonly #uri: () => Promise<string>;
  #client: NbdClient;
  readonly #times = new Map<number, RequestTimes>();
  #lost = false;

  private constructor(disk: string, image: DiskImage, uri: () => Promise<string>, client: NbdClient) {
    this.disk = disk;
    this.image = image;
    this.#uri = uri;
    this.#client = client;
    this.#watch();
  }

  static async connect(disk: string, image: DiskImage, uri: () => Promise<string>): Promise<Guest> {
    return new Guest(disk, image, uri, await NbdClient.connect(await uri()));
  }

  /** The connection itself, for what is not recorded. */
  get nbd(): NbdClient {
    return this.#client;
  }

  /** Whether its connection has ended. */
  get lost(): boolean {
    return this.#lost;
  }

  /** When the last change that was answered at this place was asked for, and when it was answered. */
  timesOf(offset: number): RequestTimes | undefined {
    return this.#times.get(offset);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#change(offset, bytes, () => this.#client.write(offset, bytes));
  }

  async zero(offset: number, length: number): Promise<void> {
    await this.#change(offset, Buffer.alloc(length), () => this.#client.zero(offset, length));
  }

  /** A discarded range reads as zeroes here. */
  async trim(offset: number, length: number): Promise<void> {
    await this.#change(offset, Buffer.alloc(length), () => this.#client.trim(offset, length));
  }

  flush(): Promise<void> {
    return this.#client.flush();
  }

  read(offset: number, length: number): Promise<Buffer> {
    return this.#client.read(offset, length);
  }

  /** Reads the whole disk: the blocks of 4 KiB that are not what they must be. */
  async wrongBlocks(): Promise<readonly number[]> {
    return this.image.wrongBlocks(await this.#client.read(0, this.image.acknowledged.length));
  }

  /** A new connection to the same disk, as a client makes one after it lost the old one. */
  async reconnect(): Promise<void> {
    this.#client.destroy();
    this.#client = await NbdClient.connect(await this.#uri());
    this.#lost = false;
    this.#watch();
  }

  /** Says good-bye; resolves when the server has let go of it. */
  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  /** Vanishes. */
  async close(): Promise<void> {
    this.#client.destroy();
    await this.#client.closed;
  }

  #watch(): void {
    const client = this.#client;
    void client.closed.then(() => {
      if (this.#client === client) this.#lost = true;
    });
  }

  async #change(offset: number, bytes: Uint8Array, ask: () => Promise<void>): Promise<void> {
    const change: OpenChange = this.image.asked(offset, bytes);
    const askedNs = process.hrtime.bigint();
    await ask();
    this.image.answered(change);
    this.#times.set(offset, { askedNs, answeredNs: process.hrtime.bigint() });
  }
}
