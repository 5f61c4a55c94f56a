/** What a datastore is asked to do, as a rehearsal names it. */
export type Operation =
  | "create"
  | "open"
  | "stamp"
  | "remove"
  | "read"
  | "write"
  | "zero"
  | "flush"
  | "extents"
  | "close";

/** What is to happen to one operation, the first that fits; used up by it, but for `delay`, which befalls each that fits. */
export interface Rule {
  readonly id: number;
  readonly datastore: string;
  readonly operation: Operation;
  /** Fits only what touches this byte. */
  readonly at?: number;
  /** How many that fit are let through first. */
  readonly skip: number;
  /**
   * `hold-before` and `hold-after`: it waits until the rehearsal goes on. `fail`: it is refused as storage refuses.
   * `full`: it is refused for want of space. `flip`: one bit of what it wrote is another afterwards. `misdirect`: it
   * writes a block further on. `hide`: all that is asked for is called zero. `delay`: it takes `delayMs` longer.
   */
  readonly act: "hold-before" | "hold-after" | "fail" | "full" | "flip" | "misdirect" | "hide" | "delay";
  readonly delayMs?: number;
}

/** Something that a datastore did. `endedNs` is comparable between the threads of a process. */
export interface Deed {
  readonly datastore: string;
  readonly layer: string;
  readonly operation: Operation;
  readonly offset: number;
  readonly length: number;
  readonly endedNs: bigint;
}

/** From a conductor to the datastores of all threads. */
export type Cue =
  | { readonly cue: "rules"; readonly turn: number; readonly rules: readonly Rule[] }
  | { readonly cue: "go-on"; readonly rule: number };

/** From a datastore to the conductor. */
export type Sign =
  | { readonly sign: "here"; readonly player: string }
  | { readonly sign: "gone"; readonly player: string }
  | { readonly sign: "ready"; readonly player: string; readonly turn: number }
  | { readonly sign: "reached"; readonly rule: number }
  | { readonly sign: "did"; readonly deed: Deed };
