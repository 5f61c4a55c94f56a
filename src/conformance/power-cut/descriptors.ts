import type { Call } from "./strace-text.ts";
import type { Node } from "./volatile-tree.ts";

/** An open file, which several descriptors may share. */
export interface OpenFile {
  readonly node: Node;
  readonly path: string;
  readonly append: boolean;
  /** Whether what is written is durable once the write has ended. */
  readonly synchronous: boolean;
  position: number;
}

/** The descriptors of the traced processes that stand for files below the traced directory. */
export class Descriptors {
  readonly #tables = new Map<number, Map<number, OpenFile>>();
  /** Of whoever was there before the trace began. */
  readonly #first = new Map<number, OpenFile>();
  readonly #parents = new Map<number, { readonly pid: number; readonly shares: boolean }>();

  constructor(calls: readonly Call[]) {
    for (const { pid, name, args, result } of calls)
      if (/^(clone3?|v?fork)$/.test(name) && result !== undefined && result > 0)
        this.#parents.set(result, { pid, shares: args.join().includes("CLONE_FILES") });
  }

  get(pid: number, fd: number): OpenFile | undefined {
    return this.#tableOf(pid).get(fd);
  }

  set(pid: number, fd: number, file: OpenFile | undefined): void {
    if (file === undefined) this.#tableOf(pid).delete(fd);
    else this.#tableOf(pid).set(fd, file);
  }

  /** Threads share one; a process begins with a copy of its parent's. */
  #tableOf(pid: number): Map<number, OpenFile> {
    const known = this.#tables.get(pid);
    if (known) return known;
    const parent = this.#parents.get(pid);
    const inherited = parent ? this.#tableOf(parent.pid) : this.#first;
    const table = parent === undefined || parent.shares ? inherited : new Map(inherited);
    this.#tables.set(pid, table);
    return table;
  }
}
