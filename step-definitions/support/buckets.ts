import assert from "node:assert/strict";
import type { Disk, JsonObject } from "pagurus";
import { makeBucket, type TestBucket } from "../../scripts/minio/bucket.ts";
import { FaultProxy, type HeldRequest } from "../../scripts/minio/faults/proxy.ts";
import type { Fault } from "../../scripts/minio/faults/rule.ts";
import type { Minio } from "../../scripts/minio/minio.ts";
import { provideMinio, startMinio } from "../../scripts/minio/provide.ts";
import type { Lab, LabPart } from "../world.ts";
import { LocalServer } from "./local-server.ts";

/** A server with the proxy through which the scenario's datastores reach it. */
interface Reached {
  readonly minio: Minio;
  readonly proxy: FaultProxy;
}

/** Where a datastore keeps its layers: under its own name in a bucket. */
interface Place extends Reached {
  readonly bucket: TestBucket;
}

const logObjects = { method: "PUT", key: /\/logs\// } as const;
/** Not those that try whether the bucket will do. */
const ofLayers = { key: /^[^/]+\/(layers|logs|checkpoints)\// } as const;

/** Datastores in buckets of a real MinIO, and what stands between them. */
export class Buckets implements LabPart {
  readonly #lab: Lab;
  readonly #places = new Map<string, Place>();
  readonly #held: HeldRequest[] = [];
  /** Logs and layers that may be there though nobody has them. */
  readonly #strays = new Set<string>();
  #holding: Fault<HeldRequest> | undefined;
  #usual: Reached | undefined;
  #other: Reached | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** In a bucket of its own, on the server that others use too. */
  async add(id: string): Promise<void> {
    this.#usual ??= await reached(await provideMinio());
    await this.#addTo(id, this.#usual);
  }

  /** On a server of its own. */
  async addElsewhere(id: string): Promise<void> {
    this.#other ??= await reached(await startMinio());
    await this.#addTo(id, this.#other);
  }

  /** In the bucket of another one. */
  addBeside(id: string, other: string): void {
    this.#place(id, this.placeOf(other));
  }

  /** More of its section. */
  configure(id: string, more: JsonObject): void {
    const { stores } = this.#lab.setup;
    this.#lab.setup.stores = { ...stores, [id]: { ...(stores[id] as JsonObject), ...more } };
  }

  placeOf(id: string): Place {
    const place = this.#places.get(id);
    assert.ok(place, `${id} is in no bucket`);
    return place;
  }

  /** From now on no log object reaches the server. */
  holdObjects(id: string): void {
    const holding = this.placeOf(id).proxy.holdRequests(logObjects);
    this.#holding = holding;
    const keep = async () => {
      for (;;) this.#held.push(await holding.next());
    };
    // The proxy has ended.
    keep().catch(() => undefined);
  }

  /** The request about a layer of that number from now on, which the server doesn't get to see unless it is released. */
  nthRequest(id: string, number: number): { readonly request: Promise<HeldRequest>; stop(): void } {
    const { proxy } = this.placeOf(id);
    const watch = proxy.watch(ofLayers);
    const wanted = new AbortController();
    const holding = async () => {
      for (let seen = 1; seen < number; seen++) await watch.next();
      wanted.signal.throwIfAborted();
      const fault = proxy.holdRequests({ ...ofLayers, times: 1 });
      wanted.signal.addEventListener("abort", () => fault.stop());
      return fault.next();
    };
    const request = holding();
    // Where there are fewer, the proxy ends before.
    request.catch(() => undefined);
    const stop = () => {
      watch.stop();
      wanted.abort();
    };
    return { request, stop };
  }

  /** What it belongs to may be removed by now, and what it makes is nobody's then. */
  async deliverLate(id: string, { line, release }: HeldRequest): Promise<void> {
    const [, kind, owner = ""] = line.key.split("/");
    if (line.method === "PUT") this.#strays.add(`${id}/${kind}/${owner}`);
    await release();
  }

  /** A layer that no server of the scenario has made stays there. */
  addOthers(id: string, layer: string): void {
    this.#strays.add(`${id}/layers/${layer}`);
  }

  async letObjectsGo(): Promise<void> {
    this.#holding?.stop();
    for (const { release } of this.#held.splice(0)) await release();
  }

  /** What is kept there and belongs to no disk. */
  async wrongs(): Promise<readonly string[]> {
    const server = this.#lab.part(LocalServer);
    const { items: disks } = await (server.running ? server : this.#lab).call<{ items: readonly Disk[] }>(
      "disks.list",
      { limit: 100 },
    );
    const named = new Set(
      disks.flatMap(({ layers }) => layers.map(({ datastore, layer }) => `${datastore}/layers/${layer}`)),
    );
    const wrongs: string[] = [];
    for (const [id, place] of this.#places) {
      const { layers, logs } = await contentOf(place.bucket, id);
      const mayBe = (name: string) => named.has(name) || this.#strays.has(name);
      wrongs.push(...[...layers].filter((name) => !mayBe(name)));
      // Each layer has its log.
      const known = [...logs].filter((log) => !this.#strays.has(log)).length;
      if (known > layers.size) wrongs.push(`${known} logs of ${layers.size} layers in ${id}`);
    }
    return wrongs.map((name) => `left behind: ${name}`);
  }

  async end(): Promise<void> {
    await this.letObjectsGo().catch(() => undefined);
    for (const { proxy } of this.#servers) {
      proxy.delayMs = 0;
      await proxy.comeUp();
    }
    // While the stores still answer: what is open is written there before it is closed.
    await this.#lab.stop();
    for (const bucket of new Set([...this.#places.values()].map((place) => place.bucket)))
      await bucket.remove();
    for (const { proxy, minio } of this.#servers) {
      await proxy.stop();
      await minio.stop();
    }
  }

  get #servers(): readonly Reached[] {
    return [this.#usual, this.#other].filter((server) => server !== undefined);
  }

  async #addTo(id: string, server: Reached): Promise<void> {
    this.#place(id, { ...server, bucket: await makeBucket(server.minio) });
  }

  #place(id: string, place: Place): void {
    const { minio, proxy, bucket } = place;
    const { accessKey, secretKey } = minio;
    this.#places.set(id, place);
    this.configure(id, {
      plugin: "datastore-minio",
      ...{ endpoint: proxy.url, bucket: bucket.name, prefix: id, accessKey, secretKey },
    });
  }
}

const reached = async (minio: Minio): Promise<Reached> => ({
  minio,
  proxy: await FaultProxy.start(minio.url),
});

/** Names of the layers and of the logs that a bucket has under a prefix. */
const contentOf = async ({ client, name }: TestBucket, prefix: string) => {
  const layers = new Set<string>();
  const logs = new Set<string>();
  for await (const { name: key = "" } of client.listObjectsV2(name, `${prefix}/`, true)) {
    const [, kind, owner = ""] = key.split("/");
    if (kind === "layers") layers.add(`${prefix}/layers/${owner}`);
    if (kind === "logs") logs.add(`${prefix}/logs/${owner}`);
  }
  return { layers, logs };
};
