/** Requests as stores charge for them. */
export const requestKinds = ["put", "get", "list", "delete", "copy", "head"] as const;
export type RequestKind = (typeof requestKinds)[number];

/** What was asked of the store, attempts that failed included: they are charged for as well. */
export interface TallyCounts {
  readonly requests: Readonly<Record<RequestKind, number>>;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Counts requests and the bytes of their bodies: one of the datastore, one of a layer, one of a job. */
export class Tally {
  readonly #requests: Record<RequestKind, number> = { put: 0, get: 0, list: 0, delete: 0, copy: 0, head: 0 };
  #bytesSent = 0;
  #bytesReceived = 0;

  get counts(): TallyCounts {
    return {
      requests: { ...this.#requests },
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    };
  }

  requested(kind: RequestKind, bytesSent = 0): void {
    this.#requests[kind] += 1;
    this.#bytesSent += bytesSent;
  }

  received(bytes: number): void {
    this.#bytesReceived += bytes;
  }
}
