import { z } from "zod";

/** What was asked of a store, counted as its owner charges for it. */
export const StoreUsage = z.object({
  requests: z
    .record(z.string(), z.number())
    .describe("requests by kind, those that failed and were tried again included"),
  bytesSent: z.number(),
  bytesReceived: z.number(),
  price: z
    .object({ amount: z.number(), currency: z.string() })
    .nullable()
    .describe("what that costs by the prices in the configuration, an estimate; null: there are none"),
});
export type StoreUsage = z.output<typeof StoreUsage>;

/** A time in which a store doesn't answer. */
export const StoreOutage = z.object({
  since: z.string().describe("when the first of the calls that still wait began to"),
  reason: z.string().describe("what the last attempt failed with"),
  waiting: z.number().describe("calls that have waited for more than 5 s"),
});
export type StoreOutage = z.output<typeof StoreOutage>;

/** What is wrong with a store though it answers: it will harm what is kept there. */
export const StoreConcern = z.object({
  since: z.string().describe("when it was seen first"),
  code: z.string(),
  problem: z.string(),
  remedy: z.string(),
});
export type StoreConcern = z.output<typeof StoreConcern>;

/** What a datastore has asked of its store since it was started, and whether that answers and is sound. */
export const DatastoreUsage = StoreUsage.extend({
  outage: StoreOutage.optional().describe("the store doesn't answer; absent: it does"),
  concern: StoreConcern.optional().describe(
    "what will harm what is kept there; absent: nothing was seen when it was last looked at",
  ),
});
export type DatastoreUsage = z.output<typeof DatastoreUsage>;

/** What an open layer has asked of its store since it was opened, and what it holds that the store lacks. */
export const LayerUsage = DatastoreUsage.extend({
  bufferedBytes: z.number().describe("bytes written and held in memory until the store has them"),
  maxBufferedBytes: z.number().describe("how many that may be; then writes wait"),
  waitingWrites: z.number().describe("writes that wait until the store has taken more"),
  mapBytes: z.number().describe("memory that tells where in the store the disk's bytes are"),
  lossWindow: z
    .object({
      bytes: z.number().describe("flushed bytes that only this host has"),
      since: z.string().optional().describe("when the oldest of them were flushed"),
      maxBytes: z.number().describe("how many that may be; then writes wait"),
      maxSeconds: z.number().describe("how old they may be; then writes wait"),
    })
    .optional()
    .describe("what is lost with this host though it was flushed; absent: no more than its durability says"),
});
export type LayerUsage = z.output<typeof LayerUsage>;
