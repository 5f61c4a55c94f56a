import { randomUUID } from "node:crypto";
import { type Clock, CodedError, type Log, z } from "pagurus";
import { bucketSettings } from "./bucket-settings.ts";
import { PROBES, probeConditionalPut } from "./conditional-put.ts";
import type { ObjectCall, Objects } from "./objects.ts";
import type { S3Store } from "./s3-store.ts";
import type { Counts } from "./tally.ts";

/** Says what the bucket, or the part below its prefix, is. */
export const MARKER = "pagurus.json";
/** Of the bucket's layout. */
const LAYOUT_VERSION = 1;
/** Whoever asks whether a bucket can be used wants to know that it can't be reached. */
const ANSWER_MS = 10_000;

const Marker = z.object({
  format: z.literal("pagurus"),
  version: z.int().min(1),
  /** Of the datastore, whatever it is called in a configuration. */
  id: z.string().min(1),
});
export type Marker = z.output<typeof Marker>;

export interface BucketOptions {
  readonly objects: Objects;
  readonly store: S3Store;
  /** Of the requests that aren't about objects. */
  readonly counts: readonly Counts[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A bucket as a home for layers: whether it is one, and whether it is sound. A server that doesn't answer is waited for
 * no longer than seconds, unless the call says otherwise: `datastore-unavailable`.
 */
export class Bucket {
  readonly #options: BucketOptions;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /**
   * What the marker says. An empty bucket is checked and gets one; two who do that at once agree. Refuses what isn't
   * ours, and changes nothing there: `bucket-foreign`, `bucket-newer`, `bucket-marker-unreadable`.
   */
  async open(asked?: ObjectCall): Promise<Marker> {
    const { objects } = this.#options;
    const call = { deadlineMs: ANSWER_MS, ...asked };
    const marker = await this.look(call);
    if (marker !== undefined) return marker;
    await this.check(call);
    const made: Marker = { format: "pagurus", version: LAYOUT_VERSION, id: randomUUID() };
    await objects.put(MARKER, [Buffer.from(`${JSON.stringify(made)}\n`)], call);
    return (await this.#marker(call)) ?? made;
  }

  /** The same for whoever only looks: makes nothing; undefined in an empty bucket. */
  async look(asked?: ObjectCall): Promise<Marker | undefined> {
    const call = { deadlineMs: ANSWER_MS, ...asked };
    const marker = await this.#marker(call);
    if (marker === undefined) await this.#demandEmpty(call);
    return marker;
  }

  /**
   * Whether disks can be kept there: `bucket-versioned`, `bucket-locked`, `bucket-expires`, `bucket-unconditional`.
   * What the server doesn't tell is logged. Some 200 requests. A bucket whose versioning is suspended passes: what is
   * deleted there is gone, but for a marker of no bytes; so does one that moves objects to another tier, where a
   * server that can't read them from there refuses to. `brief`: by its settings alone, with three requests.
   */
  async check({ brief = false, ...asked }: ObjectCall & { readonly brief?: boolean } = {}): Promise<void> {
    const call = { deadlineMs: ANSWER_MS, ...asked };
    const { objects, store, counts, clock, log } = this.#options;
    const { endpoint, bucket, prefix } = store.config;
    const about = { endpoint, bucket };
    const { versioned, locked, expiryRules } = await bucketSettings(store, counts, call);
    if (locked) throw new CodedError("bucket-locked", about);
    if (versioned) throw new CodedError("bucket-versioned", about);
    const ours = prefix === undefined ? "" : `${prefix}/`;
    const rule = expiryRules?.find((each) => each.prefix.startsWith(ours) || ours.startsWith(each.prefix));
    if (rule)
      throw new CodedError("bucket-expires", { ...about, rule: rule.name, location: objects.location("") });
    const unknown = Object.entries({ versioning: versioned, "object lock": locked, lifecycle: expiryRules })
      .filter(([, value]) => value === undefined)
      .map(([name]) => name);
    if (unknown.length > 0)
      log.warn("A bucket's settings can't be read, and so aren't checked", { ...about, unknown });
    if (!brief) await probeConditionalPut(objects, { ...about, now: clock.now() }, call);
  }

  async #marker(call?: ObjectCall): Promise<Marker | undefined> {
    const { objects, store } = this.#options;
    const bytes = await objects.get(MARKER, call);
    if (bytes === undefined) return undefined;
    const { bucket } = store.config;
    const location = objects.location(MARKER);
    const parsed = Marker.safeParse(jsonOf(bytes.toString()));
    if (!parsed.success)
      throw new CodedError("bucket-marker-unreadable", {
        bucket,
        location,
        reason: z.prettifyError(parsed.error),
      });
    const { version } = parsed.data;
    if (version > LAYOUT_VERSION)
      throw new CodedError("bucket-newer", { bucket, location, version, known: LAYOUT_VERSION });
    return parsed.data;
  }

  async #demandEmpty(call?: ObjectCall): Promise<void> {
    const { objects, store } = this.#options;
    const { bucket } = store.config;
    for await (const { key } of objects.list("", call))
      if (!key.startsWith(PROBES) && key !== MARKER)
        throw new CodedError("bucket-foreign", {
          bucket,
          location: objects.location(""),
          object: objects.location(key),
          marker: MARKER,
        });
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
