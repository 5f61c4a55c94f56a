import type { Catalog } from "pagurus";
import { toDo } from "./to-do.ts";

export class MyPluginCatalog implements Catalog {
  readonly id: string;
  /** Where a person finds it. */
  readonly location: string;
  /** What this instance promises. Declare `durable` when its scenarios pass. */
  readonly capabilities = {};

  constructor(id: string, dataDir: string) {
    this.id = id;
    this.location = dataDir;
  }

  dialect(): ReturnType<Catalog["dialect"]> {
    return toDo(
      "dialect",
      "answer a dialect of Kysely whose transactions are serialisable, and durable when they resolve",
    );
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    return toDo(
      "lock",
      "keep every other server out until it is released or this process dies; catalog-locked",
    );
  }
}
