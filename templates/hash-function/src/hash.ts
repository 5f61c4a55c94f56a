import type { Digest, HashFunction } from "pagurus";
import { toDo } from "./to-do.ts";

export class MyPluginHash implements HashFunction {
  readonly id: string;
  /** How long every signature is. If yours is a published algorithm, name it as `algorithm` besides. */
  readonly digestBytes = 8;
  readonly strong = false;

  constructor(id: string) {
    this.id = id;
  }

  digest(_bytes: Uint8Array): Uint8Array {
    return toDo("digest", "answer the signature of the bytes, in a buffer of its own");
  }

  create(): Digest {
    return toDo(
      "create",
      "answer a digest whose parts add up to the signature of the whole, and that ends once",
    );
  }
}
