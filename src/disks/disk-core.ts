import type { Layer } from "../contract/index.ts";
import type { Gate } from "./gate.ts";
import type { Tracker } from "./tracker.ts";

/** What the requests of all connections meet behind the gate. */
export interface DiskCore {
  readonly gate: Gate;
  readonly active: Layer;
  check(offset: number, length: number): void;
  read(offset: number, into: Uint8Array): void | Promise<void>;
  write(offset: number, from: Uint8Array): void | Promise<void>;
  /** `zero-not-fast` where only a fast one will do and the active layer has none. */
  zero(offset: number, length: number, fast: boolean): void | Promise<void>;
  /** The move that is under way, if any. */
  readonly tracker: Tracker | undefined;
  flush(): Promise<void>;
}
