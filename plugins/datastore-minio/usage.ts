import type { DatastoreUsage, LayerUsage, StoreOutage } from "pagurus";
import type { Prices } from "./config.ts";
import type { LayerJournal } from "./journal/layer-journal.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Objects } from "./objects.ts";
import type { Outage } from "./outages.ts";
import { estimatedPrice, type Tally } from "./tally.ts";

/** Where what a datastore or a layer has asked for was counted, and what that costs. */
export interface Account {
  readonly objects: Pick<Objects, "outage">;
  readonly tally: Tally;
  readonly prices: Prices | undefined;
}

/** What was asked of the bucket, and whether that answers. */
export const storeUsage = ({ objects: { outage }, tally, prices }: Account): DatastoreUsage => {
  const { counts } = tally;
  const price = prices ? { amount: estimatedPrice(counts, prices), currency: prices.currency } : null;
  return {
    ...counts,
    price,
    ...(outage && { outage: asTold(outage) }),
  };
};

/** As everybody sees it. */
export const asTold = (outage: Outage): StoreOutage => ({
  ...outage,
  since: new Date(outage.since).toISOString(),
});

export interface LayerAccount extends Account {
  readonly map: { readonly bytes: number };
  readonly waitingWrites: number;
  /** Absent where the layer is open for reading only. */
  readonly written?: {
    readonly writer: Pick<LogWriter, "bufferedBytes">;
    readonly maxBufferedBytes: number;
    readonly journal: Pick<LayerJournal, "lossWindow"> | undefined;
  };
}

/** The same of an open layer, and what it holds. */
export const layerUsage = ({ map, waitingWrites, written, ...account }: LayerAccount): LayerUsage => ({
  ...storeUsage(account),
  bufferedBytes: written?.writer.bufferedBytes ?? 0,
  maxBufferedBytes: written?.maxBufferedBytes ?? 0,
  waitingWrites,
  mapBytes: map.bytes,
  ...(written?.journal && { lossWindow: written.journal.lossWindow }),
});
