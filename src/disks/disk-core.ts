import type { Layer } from "../contract/index.ts";
import type { Gate } from "./gate.ts";

/** What the requests of all connections meet behind the gate. */
export interface DiskCore {
  readonly gate: Gate;
  readonly active: Layer;
  check(offset: number, length: number): void;
  read(offset: number, into: Uint8Array): void | Promise<void>;
  write(offset: number, from: Uint8Array): void | Promise<void>;
  zero(offset: number, length: number): void | Promise<void>;
  flush(): Promise<void>;
}
