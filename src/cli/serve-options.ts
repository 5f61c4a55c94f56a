import type { Environment } from "../kernel/index.ts";

export interface ServeOptions {
  /** Absolute; made, for its owner only, where it is missing. */
  readonly dataDir: string;
  readonly configPath?: string;
  /** `host:port` of HTTP, before what environment and file say; port 0 takes any free one. */
  readonly listen?: string;
  /** `host:port` of the NBD port over TCP; without it there is none, unless the file has one. */
  readonly nbd?: string;
  /** Of the file, only these sections count; absent: all. */
  readonly sections?: readonly string[];
  readonly env: Environment;
  readonly version: string;
}
