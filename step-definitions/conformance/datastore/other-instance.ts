import { Datastore } from "pagurus";
import type { Kit } from "../world.ts";

/** One more instance of the store under test, as another thread has it. */
export class OtherInstance {
  readonly #kit: Kit;
  #datastore: Datastore | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  get datastore(): Datastore {
    if (!this.#datastore) throw new Error("the scenario has no other instance");
    return this.#datastore;
  }

  async open(): Promise<void> {
    this.#datastore = (await this.#kit.open()).get(Datastore);
  }
}
