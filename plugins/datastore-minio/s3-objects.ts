import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { CodedError, z } from "pagurus";
import { Body, checksumText } from "./body.ts";
import { ObjectRefused } from "./classify.ts";
import type { ObjectCall, ObjectPut, ObjectRange, Objects, StoredObject } from "./objects.ts";
import type { Outage } from "./outages.ts";
import type { S3Store, StoreRequest } from "./s3-store.ts";
import type { Counts, Tally } from "./tally.ts";

const LIST_PAGE = 1000;
const REMOVED_AT_ONCE = 1000;
/** No object of ours is longer, by far. */
const LONGEST_OBJECT_BYTES = 64 * 2 ** 20;
const PAGE_BYTES = 2 ** 20;

/** Objects of a bucket, through the client of MinIO. */
export class S3Objects implements Objects {
  readonly #store: S3Store;
  readonly #counts: readonly Counts[];
  readonly #usual: ObjectCall;
  readonly #prefix: string;

  /** Every request is counted in each of `counts`; a call says what it wants otherwise than `usual`. */
  constructor(store: S3Store, counts: readonly Counts[], usual: ObjectCall = {}) {
    this.#store = store;
    this.#counts = counts;
    this.#usual = usual;
    const { prefix } = store.config;
    this.#prefix = prefix === undefined ? "" : `${prefix}/`;
  }

  location(key: string): string {
    const { endpoint, bucket } = this.#store.config;
    return `${new URL(endpoint).origin}/${bucket}/${this.#prefix}${key}`;
  }

  get outage(): Outage | undefined {
    return this.#store.outages.current;
  }

  countedIn(tally: Tally): Objects {
    return new S3Objects(this.#store, [...this.#counts, tally], this.#usual);
  }

  async put(
    key: string,
    parts: readonly Uint8Array[],
    { crc32, ...call }: ObjectPut = {},
  ): Promise<"made" | "exists"> {
    const { bucket: bucketName, region } = this.#store.config;
    const body = new Body(parts);
    const headers = {
      "content-length": String(body.sizeBytes),
      "content-type": "application/octet-stream",
      "if-none-match": "*",
      "x-amz-checksum-crc32": checksumText(crc32 ?? (await body.checksum())),
      "x-amz-sdk-checksum-algorithm": "CRC32",
    };
    const objectName = this.#prefix + key;
    let attempts = 0;
    return this.#ask<"made" | "exists">(
      {
        kind: "put",
        object: objectName,
        operation: "writing",
        sentBytes: body.sizeBytes,
        otherwise: { taken: () => "exists" },
        send: async (client, alive) => {
          // What the server refuses may have been damaged on its way, or here before it went: no patience mends that.
          if (attempts++ > 0 && crc32 !== undefined && (await body.checksum()) !== crc32)
            throw new CodedError("memory-damaged", { object: this.location(key) });
          const bytes = body.small ?? Readable.from(body.slices(alive), { objectMode: false });
          const options = { method: "PUT", bucketName, objectName, headers: { ...headers } };
          await allOf(await client.makeRequestStreamAsync(options, bytes, "", [200], region), alive);
          return "made";
        },
      },
      call,
    );
  }

  async get(
    key: string,
    { offset = 0, length, into, onBytes, ...call }: ObjectRange = {},
  ): Promise<Buffer | undefined> {
    const { bucket: bucketName } = this.#store.config;
    const objectName = this.#prefix + key;
    const wantsRange = offset > 0 || length !== undefined;
    const range = `bytes=${offset}-${length === undefined ? "" : offset + length - 1}`;
    const bytes = await this.#ask<Buffer | undefined>(
      {
        kind: "get",
        object: objectName,
        operation: "reading",
        expectedBytes: length ?? LONGEST_OBJECT_BYTES,
        otherwise: { absent: () => undefined, beyond: () => Buffer.alloc(0) },
        send: async (client, alive) => {
          const options = { method: "GET", bucketName, objectName, headers: wantsRange ? { range } : {} };
          const answer = await client.makeRequestAsync(options, "", [200, 206]);
          // A server may leave the range out of account.
          const isRange = answer.statusCode === 206 || !wantsRange;
          const all = await allOf(answer, alive, isRange ? { into, onBytes } : {});
          return !isRange ? all.subarray(offset, length === undefined ? undefined : offset + length) : all;
        },
      },
      call,
    );
    for (const counts of this.#counts) counts.received(bytes?.byteLength ?? 0);
    return bytes;
  }

  async *list(
    prefix: string,
    { after, ...call }: ObjectCall & { readonly after?: string } = {},
  ): AsyncIterable<StoredObject> {
    const { bucket } = this.#store.config;
    const whole = this.#prefix + prefix;
    let start = after === undefined ? "" : this.#prefix + after;
    for (;;) {
      const from = start;
      const { objects, isTruncated } = await this.#ask(
        {
          kind: "list",
          object: whole,
          operation: "listing",
          expectedBytes: PAGE_BYTES,
          send: (client) => client.listObjectsV2Query(bucket, whole, "", "", LIST_PAGE, from),
        },
        call,
      );
      for (const { name, size, lastModified } of objects)
        if (name !== undefined)
          yield {
            key: name.slice(this.#prefix.length),
            sizeBytes: size,
            modifiedAt: lastModified?.getTime() ?? 0,
          };
      const last = objects.at(-1)?.name;
      if (!isTruncated || last === undefined) return;
      start = last;
    }
  }

  async remove(keys: readonly string[], call?: ObjectCall): Promise<void> {
    for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE)
      await this.#removeSome(keys.slice(at, at + REMOVED_AT_ONCE), call);
  }

  async copy(from: string, to: string, call?: ObjectCall): Promise<boolean> {
    const { bucket } = this.#store.config;
    const source = this.#prefix + from;
    return this.#ask(
      {
        kind: "copy",
        object: source,
        operation: "copying",
        expectedBytes: LONGEST_OBJECT_BYTES,
        otherwise: { absent: () => false },
        send: async (client) => {
          await client.copyObject(bucket, this.#prefix + to, `/${bucket}/${source}`);
          return true;
        },
      },
      call,
    );
  }

  #ask<T>(request: StoreRequest<T>, call: ObjectCall | undefined): Promise<T> {
    return this.#store.ask(request, this.#counts, { ...this.#usual, ...call });
  }

  async #removeSome(keys: readonly string[], call: ObjectCall | undefined): Promise<void> {
    const { bucket } = this.#store.config;
    const names = keys.map((key) => this.#prefix + key);
    const [object = ""] = names;
    await this.#ask(
      {
        kind: "delete",
        object,
        operation: "deletion",
        send: async (client) => demandRemoved(await client.removeObjects(bucket, names)),
      },
      call,
    );
  }
}

interface Going {
  readonly into?: Buffer | undefined;
  readonly onBytes?: ObjectRange["onBytes"] | undefined;
}

/** Bytes are put in their place as they come: to join them all at the end would take a turn of milliseconds. */
async function allOf(
  answer: IncomingMessage,
  alive: () => void,
  { into, onBytes }: Going = {},
): Promise<Buffer> {
  const announced = answer.headers["content-length"];
  if (announced === undefined) return buffer(answer);
  const wholeBytes = Number(announced);
  const fits = into !== undefined && wholeBytes <= into.length;
  const whole = fits ? into.subarray(0, wholeBytes) : Buffer.allocUnsafeSlow(wholeBytes);
  let length = 0;
  const take = (chunk: Buffer) => {
    length += chunk.copy(whole, length);
    alive();
    onBytes?.(whole, length);
  };
  answer.on("data", take);
  try {
    await finished(answer);
  } finally {
    // From here on the memory isn't ours.
    answer.off("data", take);
  }
  return whole;
}

/** What the client says of single objects that weren't removed. */
const Unremoved = z.object({ Key: z.coerce.string(), Code: z.string(), Message: z.string().optional() });

function demandRemoved(refusals: readonly unknown[]): void {
  for (const refusal of refusals) {
    const { Key, Code, Message = "" } = Unremoved.parse(refusal);
    if (Code !== "NoSuchKey") throw new ObjectRefused(Code, `${Key}: ${Message}`);
  }
}
