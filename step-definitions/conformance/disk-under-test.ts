import {
  type BlockSizes,
  CodedError,
  type DirtyExtent,
  type DiskConnection,
  type ExportedDisk,
  type Extent,
  type Peer,
} from "pagurus";
import { inTime } from "./export/in-time.ts";
import { Model, pattern } from "./model.ts";
import type { Random } from "./random.ts";

export type Request = "read" | "write" | "zero" | "flush";

/** A request as it started. */
export interface Started {
  readonly request: Request;
  readonly offset: number;
  readonly length: number;
  readonly guest: Guest;
}

/** One connection, as the disk sees it. */
export interface Guest {
  readonly peer: Peer;
  /** The export has said that the peer is gone. */
  gone: boolean;
  readonly underWay: Set<Promise<void>>;
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

interface Held {
  readonly request: Request;
  readonly guest: Guest;
  readonly start: () => void;
  readonly drop: () => void;
}

const blockBytes = 4096;

/**
 * A disk of the kit's own behind the export under test. It keeps what was flushed apart from what was not, can hold
 * requests before they start as a stun does, can take its time over those that have started, and refuses what it is
 * told to. A request that takes its time touches its buffer only when it ends.
 */
export class DiskUnderTest implements ExportedDisk {
  readonly disk: string;
  readonly name: string;
  readonly blockSizes: BlockSizes;
  content: Model;
  /** What a loss of power would leave. */
  durable: Model;
  /** What clients were told to be written. */
  expected: Model;
  readonly started: Started[] = [];
  readonly guests: Guest[] = [];
  /** What the export asked for and may not ask for. */
  readonly improper: string[] = [];
  /** The store behind the disk has no space left. */
  full = false;
  fastZero = true;
  dirtyRanges: readonly Range[] = [];
  /** Makes some requests end at once and some later. */
  whim: Random | undefined;
  #unflushed = new Set<Range>();
  readonly #refusals = new Map<Request, string>();
  #held: Held[] | undefined;
  #slow: ReadonlySet<Request> = new Set();
  #waiting: { readonly request: Request; readonly end: () => void }[] = [];
  #watchers: { readonly holds: () => boolean; readonly wake: () => void }[] = [];

  constructor(
    name: string,
    sizeBytes: number,
    blockSizes: BlockSizes = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 },
  ) {
    this.disk = `id-of-${name}`;
    this.name = name;
    this.blockSizes = blockSizes;
    this.content = new Model(sizeBytes);
    this.expected = new Model(sizeBytes);
    this.durable = new Model(sizeBytes);
    this.fill(8192, pattern(name, 0, 4096));
  }

  get sizeBytes(): number {
    return this.content.sizeBytes;
  }

  /** Connections that the export has not closed. */
  get connections(): number {
    return this.guests.filter(({ gone }) => !gone).length;
  }

  /** Requests that are held, and requests that have started and take their time. */
  get waiting(): number {
    return (this.#held?.length ?? 0) + this.#waiting.length;
  }

  /** Has the bytes on the disk without any client's doing. */
  fill(offset: number, bytes: Uint8Array): void {
    for (const model of [this.content, this.expected, this.durable]) model.set(bytes, offset);
  }

  grow(sizeBytes: number): void {
    this.content = this.content.resized(sizeBytes);
    this.expected = this.expected.resized(sizeBytes);
    this.durable = this.durable.resized(sizeBytes);
  }

  /** Goes on in another home, which holds the same bytes and has space. */
  changeHome(): void {
    this.content = this.content.resized(this.sizeBytes);
    this.full = false;
  }

  refuseNext(request: Request, code: string): void {
    this.#refusals.set(request, code);
  }

  /** Requests wait before they start, from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Starts what is held, in order; what a peer had waiting that is gone never starts. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { guest, start, drop } of held)
      if (!guest.gone && guest.peer.alive()) start();
      else drop();
  }

  /** Requests of these kinds start and do not end, from now on. */
  slowDown(...requests: readonly Request[]): void {
    this.#slow = new Set(requests);
  }

  /** Ends what has not ended, of one kind or of all, the last first if need be. */
  catchUp({ lastFirst = false, only }: { lastFirst?: boolean; only?: Request } = {}): void {
    const ends = (request: Request) => only === undefined || request === only;
    this.#slow = new Set([...this.#slow].filter((request) => !ends(request)));
    const waiting = this.#waiting.filter(({ request }) => ends(request));
    this.#waiting = this.#waiting.filter(({ request }) => !ends(request));
    for (const { end } of lastFirst ? waiting.reverse() : waiting) end();
  }

  /** Resolves when it holds; fails, saying what was promised, when that takes too long. */
  until(holds: () => boolean, promised: string): Promise<void> {
    if (holds()) return Promise.resolve();
    return inTime(new Promise<void>((wake) => this.#watchers.push({ holds, wake })), promised);
  }

  connect(peer: Peer): DiskConnection {
    const guest: Guest = { peer, gone: false, underWay: new Set() };
    this.guests.push(guest);
    this.#changed();
    const change = (request: "write" | "zero", range: Range, act: () => void) =>
      this.#pass(request, range, guest, () => {
        act();
        this.#unflushed.add(range);
      });
    return {
      read: (offset, into) =>
        this.#pass("read", { offset, length: into.length }, guest, () =>
          into.set(this.content.slice(offset, into.length)),
        ),
      write: (offset, from) =>
        change("write", { offset, length: from.length }, () => this.content.set(from, offset)),
      zero: (offset, length, options) => {
        if (options?.fast && !this.fastZero) throw new CodedError("zero-not-fast", { offset, length });
        return change("zero", { offset, length }, () => this.content.zero(offset, length));
      },
      flush: () => this.#flush(guest),
      prefetch: () => undefined,
      extents: (offset, length) => this.#extents(offset, length),
      dirty: (offset, length) => this.#dirty(offset, length),
      close: () => this.#close(guest),
    };
  }

  /** Durable: what has ended now. What ends while it is under way is the next one's. */
  async #flush(guest: Guest): Promise<void> {
    let covered: readonly Range[] = [];
    const end = () => {
      for (const range of covered) {
        this.durable.set(this.content.slice(range.offset, range.length), range.offset);
        this.#unflushed.delete(range);
      }
    };
    await this.#pass("flush", { offset: 0, length: 0 }, guest, end, () => {
      covered = [...this.#unflushed];
    });
  }

  /** Lets a request through, or holds it. */
  #pass(
    request: Request,
    range: Range,
    guest: Guest,
    act: () => void,
    begin: () => void = () => undefined,
  ): void | Promise<void> {
    this.#check(request, range);
    const run = () => {
      this.started.push({ request, ...range, guest });
      begin();
      return this.#run(request, act);
    };
    const pending = this.#held === undefined && !guest.gone ? run() : this.#hold(request, guest, run);
    this.#changed();
    return pending === undefined ? undefined : follow(guest, pending);
  }

  #hold(request: Request, guest: Guest, run: () => void | Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const start = () => resolve(new Promise<void>((ended) => ended(run())));
      const drop = () => reject(new CodedError("peer-lost", { peer: "the client", operation: request }));
      if (guest.gone) drop();
      else this.#held?.push({ request, guest, start, drop });
    });
  }

  #run(request: Request, act: () => void): void | Promise<void> {
    const code = this.#refusals.get(request) ?? (this.full && request === "write" ? "no-space" : undefined);
    this.#refusals.delete(request);
    const finish = () => {
      if (code !== undefined) throw new CodedError(code, { reason: "the scenario says so" });
      act();
    };
    if (this.#slow.has(request)) return this.#later(request, finish);
    const turns = this.whim?.(4) ?? 0;
    return turns === 0 ? finish() : someTurns(turns).then(finish);
  }

  async #later(request: Request, finish: () => void): Promise<void> {
    await new Promise<void>((end) => this.#waiting.push({ request, end }));
    finish();
    this.#changed();
  }

  async #close(guest: Guest): Promise<void> {
    guest.gone = true;
    const mine = (this.#held ?? []).filter((held) => held.guest === guest);
    this.#held = this.#held?.filter((held) => held.guest !== guest);
    for (const { drop } of mine) drop();
    await Promise.allSettled(guest.underWay);
    this.#changed();
  }

  /** No export hands on what the disk has not or what breaks its blocks. */
  #check(request: Request, { offset, length }: Range): void {
    const { minimum } = this.blockSizes;
    const fits = offset >= 0 && offset + length <= this.sizeBytes && (length > 0 || request === "flush");
    if (fits && offset % minimum === 0 && length % minimum === 0) return;
    this.improper.push(`${request} of ${length} bytes at ${offset}`);
    throw new CodedError("out-of-range", { offset, length, sizeBytes: this.sizeBytes });
  }

  async *#extents(offset: number, length: number): AsyncGenerator<Extent> {
    for (let at = offset; at < offset + length; ) {
      const to = Math.min(offset + length, (Math.floor(at / blockBytes) + 1) * blockBytes);
      const zero = this.content.slice(at, to - at).every((byte) => byte === 0);
      yield { offset: at, length: to - at, kind: zero ? "zero" : "data" };
      at = to;
    }
  }

  async *#dirty(offset: number, length: number): AsyncGenerator<DirtyExtent> {
    for (let at = offset; at < offset + length; ) {
      const to = Math.min(offset + length, at + blockBytes);
      const inside = (range: Range) => at >= range.offset && at < range.offset + range.length;
      yield { offset: at, length: to - at, dirty: this.dirtyRanges.some(inside) };
      at = to;
    }
  }

  #changed(): void {
    const met = this.#watchers.filter(({ holds }) => holds());
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const { wake } of met) wake();
  }
}

const follow = (guest: Guest, pending: Promise<void>): Promise<void> => {
  const ended = () => void guest.underWay.delete(pending);
  guest.underWay.add(pending);
  pending.then(ended, ended);
  return pending;
};

const someTurns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};
