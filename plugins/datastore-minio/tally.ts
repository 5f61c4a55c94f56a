import type { Metrics } from "pagurus";
import type { Prices } from "./config.ts";

/** Requests as stores charge for them. */
const requestKinds = ["put", "get", "list", "delete", "copy"] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Told of what is asked of the store, attempts that fail included: they are charged for as well. */
export interface Counts {
  /** `bytesSent` of body are about to be sent. */
  requested(kind: RequestKind, bytesSent: number): void;
  /** So much of a body has come. */
  received(bytes: number): void;
}

/** What was asked of the store since a tally was begun. */
export interface TallyCounts {
  readonly requests: Readonly<Record<RequestKind, number>>;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Counts for people: one of a datastore, one of a layer, one of a job. */
export class Tally implements Counts {
  readonly #requests: Record<RequestKind, number> = { put: 0, get: 0, list: 0, delete: 0, copy: 0 };
  #bytesSent = 0;
  #bytesReceived = 0;

  get counts(): TallyCounts {
    return {
      requests: { ...this.#requests },
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    };
  }

  requested(kind: RequestKind, bytesSent: number): void {
    this.#requests[kind] += 1;
    this.#bytesSent += bytesSent;
  }

  received(bytes: number): void {
    this.#bytesReceived += bytes;
  }
}

/** What the store's owner will charge for it. An estimate: they may round, and have discounts. */
export const estimatedPrice = ({ requests, bytesSent, bytesReceived }: TallyCounts, prices: Prices): number =>
  requestKinds.reduce((sum, kind) => sum + (requests[kind] / 1000) * prices[`${kind}Per1000`], 0) +
  (bytesSent / 2 ** 30) * prices.sentPerGiB +
  (bytesReceived / 2 ** 30) * prices.receivedPerGiB;

/** Counts at `/metrics`. */
export const meteredCounts = (metrics: Metrics, datastore: string): Counts => {
  const requests = metrics.counter("pagurus_bucket_requests_total", "Requests to the bucket of a datastore", [
    "datastore",
    "kind",
  ]);
  const bytes = metrics.counter(
    "pagurus_bucket_bytes_total",
    "Bytes of objects sent to the bucket of a datastore and received from it",
    ["datastore", "direction"],
  );
  return {
    requested: (kind, bytesSent) => {
      requests.add(1, { datastore, kind });
      if (bytesSent > 0) bytes.add(bytesSent, { datastore, direction: "sent" });
    },
    received: (received) => bytes.add(received, { datastore, direction: "received" }),
  };
};
