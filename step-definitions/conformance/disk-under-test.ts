import {
  type BlockSizes,
  CodedError,
  type DirtyExtent,
  type DiskConnection,
  type ExportedDisk,
  type Extent,
  type Peer,
} from "pagurus";
import { Model, pattern } from "./model.ts";

export type Request = "read" | "write" | "zero" | "flush";

/** A disk of the kit's own behind the export under test: it remembers, can wait, and refuses what it is told to. */
export class DiskUnderTest implements ExportedDisk {
  readonly disk: string;
  readonly name: string;
  readonly blockSizes: BlockSizes = { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };
  content: Model;
  /** What clients were told to be written. */
  expected: Model;
  readonly peers: Peer[] = [];
  connections = 0;
  /** Requests that wait for `goOn`. */
  waiting = 0;
  flushedAfterLastWrite = false;
  #refusal: { readonly request: Request; readonly code: string } | undefined;
  #pause: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  #changed: (() => void)[] = [];

  constructor(name: string, sizeBytes: number) {
    this.disk = `id-of-${name}`;
    this.name = name;
    this.content = new Model(sizeBytes);
    this.expected = new Model(sizeBytes);
    for (const model of [this.content, this.expected]) model.set(pattern(name, 0, 4096), 8192);
  }

  get sizeBytes(): number {
    return this.content.sizeBytes;
  }

  grow(sizeBytes: number): void {
    this.content = this.content.resized(sizeBytes);
    this.expected = this.expected.resized(sizeBytes);
  }

  /** Resolves when `holds` does; looks again whenever something happened here. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  refuseNext(request: Request, code: string): void {
    this.#refusal = { request, code };
  }

  pause(): void {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#pause = { over, end };
  }

  goOn(): void {
    this.#pause?.end();
    this.#pause = undefined;
  }

  connect(peer: Peer): DiskConnection {
    this.peers.push(peer);
    this.#count({ connections: 1 });
    const under = new Set<Promise<void>>();
    const run = (request: Request, act: () => void): void | Promise<void> => {
      this.#refuse(request);
      if (this.#pause === undefined) return act();
      const ended = this.#wait(this.#pause.over, act);
      under.add(ended);
      return ended;
    };
    const change = (act: () => void) => () => {
      this.flushedAfterLastWrite = false;
      act();
    };
    return {
      read: (offset, into) => run("read", () => into.set(this.content.slice(offset, into.length))),
      write: (offset, from) =>
        run(
          "write",
          change(() => this.content.set(from, offset)),
        ),
      zero: (offset, length) =>
        run(
          "zero",
          change(() => this.content.zero(offset, length)),
        ),
      flush: async () => {
        await run("flush", () => undefined);
        this.flushedAfterLastWrite = true;
      },
      prefetch: () => undefined,
      extents: (offset, length) => allData(offset, length),
      dirty: (offset, length) => allClean(offset, length),
      close: async () => {
        await Promise.allSettled(under);
        this.#count({ connections: -1 });
      },
    };
  }

  async #wait(over: Promise<void>, act: () => void): Promise<void> {
    this.#count({ waiting: 1 });
    await over;
    this.#count({ waiting: -1 });
    act();
  }

  #count({ connections = 0, waiting = 0 }: { connections?: number; waiting?: number }): void {
    this.connections += connections;
    this.waiting += waiting;
    for (const wake of this.#changed.splice(0)) wake();
  }

  #refuse(request: Request): void {
    if (this.#refusal?.request !== request) return;
    const { code } = this.#refusal;
    this.#refusal = undefined;
    throw new CodedError(code, { reason: "the scenario says so" });
  }
}

async function* allClean(offset: number, length: number): AsyncIterable<DirtyExtent> {
  yield { offset, length, dirty: false };
}

async function* allData(offset: number, length: number): AsyncIterable<Extent> {
  yield { offset, length, kind: "data" };
}
