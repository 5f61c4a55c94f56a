import { Agent, type IncomingMessage, type RequestOptions, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../src/contract/index.ts";
import { newPattern } from "../load/data.ts";
import type { StoreBucket } from "./store.ts";
import { SEGMENT_BYTES, WINDOW } from "./works.ts";

const EXPIRY_SECONDS = 3600;
const KEYS = "plain/";

/** What a client without anything around it needs for so many bytes in objects of a segment's size. */
export const plainPuts = async (
  { client, name }: StoreBucket,
  sizeBytes: number,
): Promise<{ seconds: number; megabytesPerSecond: number }> => {
  const count = Math.ceil(sizeBytes / SEGMENT_BYTES);
  const urls = await Promise.all(
    Array.from({ length: count }, (_, at) => client.presignedPutObject(name, `${KEYS}${at}`, EXPIRY_SECONDS)),
  );
  const body = newPattern(SEGMENT_BYTES);
  return timed(urls, async (url, agent) => {
    const headers = { "content-length": body.length };
    await drained(await answerTo(url, { method: "PUT", agent, headers }, body));
    return body.length;
  });
};

/** Puts objects of a segment's size, one after another and so many bytes per second at most, while `work` goes on. */
export const besidePuts = async <T>(
  { client, name }: StoreBucket,
  bytesPerSecond: number,
  work: () => Promise<T>,
): Promise<T> => {
  const body = newPattern(SEGMENT_BYTES);
  const headers = { "content-length": body.length };
  const agent = new Agent({ keepAlive: true });
  const end = new AbortController();
  const putting = (async () => {
    for (let at = 0; !end.signal.aborted; at++) {
      const next = sleep((body.length / bytesPerSecond) * 1000, undefined, { signal: end.signal });
      next.catch(() => undefined);
      const url = await client.presignedPutObject(name, `${KEYS}${at}`, EXPIRY_SECONDS);
      await drained(await answerTo(url, { method: "PUT", agent, headers }, body));
      await next.catch(() => undefined);
    }
  })();
  putting.catch(() => undefined);
  try {
    return await work();
  } finally {
    end.abort();
    await putting;
    agent.destroy();
  }
};

/** What `plainPuts` needs, for reading these objects. */
export const plainGets = async (
  { client, name }: StoreBucket,
  keys: readonly string[],
): Promise<{ seconds: number; megabytesPerSecond: number }> => {
  const urls = await Promise.all(keys.map((key) => client.presignedGetObject(name, key, EXPIRY_SECONDS)));
  return timed(urls, async (url, agent) => drained(await answerTo(url, { agent })));
};

/** Removes what `plainPuts` has made. */
export const removePlain = async ({ direct, name }: StoreBucket): Promise<void> => {
  const keys: string[] = [];
  for await (const item of direct.listObjectsV2(name, KEYS, true)) if (item.name) keys.push(item.name);
  await direct.removeObjects(name, keys);
};

/** As many at once as a disk has on their way. */
const timed = async (urls: readonly string[], ask: (url: string, agent: Agent) => Promise<number>) => {
  const agent = new Agent({ keepAlive: true, maxSockets: WINDOW });
  const startedMs = performance.now();
  let [next, bytes] = [0, 0];
  const lane = async () => {
    for (let url = urls[next++]; url !== undefined; url = urls[next++]) {
      const asked = await ask(url, agent);
      bytes += asked;
    }
  };
  try {
    await Promise.all(Array.from({ length: WINDOW }, lane));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, megabytesPerSecond: bytes / seconds / 1e6 };
};

const answerTo = (url: string, options: RequestOptions, body?: Uint8Array): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(url, options, resolve).once("error", reject).end(body);
  });

/** How many bytes came; rejects where the server refuses. */
const drained = async (answer: IncomingMessage): Promise<number> => {
  const { statusCode } = answer;
  if (statusCode !== 200) {
    const reason = `the server of S3 answers ${statusCode}: ${await buffer(answer)}`;
    throw new CodedError("internal", { reason });
  }
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  return bytes;
};
