import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Engine, MigrationStrategy } from "pagurus";
import {
  type DoomedMoveServer,
  MOVE_STORES,
  openMoveServer,
  startDoomedMoveServer,
} from "pagurus/conformance";
import { NbdClient } from "pagurus/testing";
import { pattern } from "../model.ts";
import type { Kit } from "../world.ts";
import { firstDifference } from "./move-under-test.ts";

const DISK = "web";
const BLOCK_BYTES = 4096;

interface DiskView {
  readonly state: string;
  readonly datastore: string;
  readonly layers: readonly unknown[];
  readonly exports: readonly { readonly uri: string }[];
}
interface JobView {
  readonly id: string;
  readonly state: string;
  readonly outcome: { readonly code: string } | null;
}

/** A disk of a real server, whose process is killed in the middle of a move, and of the server that is started after it. */
export class DoomedDisk {
  readonly #kit: Kit;
  readonly #strategy: string;
  #sizeBytes = 0;
  #doomed: DoomedMoveServer | undefined;
  #engine: Engine | undefined;
  #job = "";
  /** What the guest was answered for. */
  #expected = new Uint8Array(0);
  /** The write that was not answered: it is there, or it isn't. */
  #unanswered: { readonly offset: number; readonly bytes: Uint8Array } | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#strategy = kit.instance(MigrationStrategy).id;
  }

  prepare(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
    this.#expected = pattern("as it was", 0, sizeBytes).slice();
  }

  /** Until it is killed the guest writes block after block, each of them durable when the next one is begun. */
  async killedAt(moment: string): Promise<void> {
    this.#doomed = await startDoomedMoveServer(this.#kit.request, moment);
    const server = this.#doomed;
    const [datastore, to] = MOVE_STORES;
    await server.call("disks.create", { name: DISK, sizeBytes: this.#sizeBytes, datastore });
    const { exports } = await server.call<DiskView>("disks.show", { name: DISK });
    const guest = await NbdClient.connect(exports[0]?.uri ?? "");
    await guest.write(0, this.#expected);
    await guest.flush();
    const writing = this.#writeOn(guest);
    const move = { disks: [DISK], to, strategy: this.#strategy };
    this.#job = (await server.call<JobView>("migrations.start", move)).id;
    await server.reached;
    await server.kill();
    await writing;
  }

  async startAgain(): Promise<void> {
    this.#engine = await openMoveServer(this.#kit.request);
  }

  async assertWhole(where: string): Promise<void> {
    const { state, outcome } = await this.#ended(this.#job);
    const [from] = MOVE_STORES;
    const verdict = where === from ? ["failed", "interrupted"] : ["succeeded", "ok"];
    assert.deepEqual([state, outcome?.code], verdict, "how the move ended that the crash cut short");
    const shown = await this.#shown();
    assert.deepEqual([shown.state, shown.datastore, shown.layers.length], ["available", where, 1]);
    for (const store of MOVE_STORES) {
      const files = await readdir(join(this.#kit.request.dataDir, store));
      assert.equal(files.length > 0, store === where, `${store} holds ${files.join(", ") || "nothing"}`);
    }
    const guest = await NbdClient.connect(shown.exports[0]?.uri ?? "");
    const found = await guest.read(0, this.#sizeBytes);
    await guest.disconnect();
    const maybe = this.#unanswered;
    if (
      maybe &&
      firstDifference(found.subarray(maybe.offset, maybe.offset + BLOCK_BYTES), maybe.bytes) === -1
    )
      this.#expected.set(maybe.bytes, maybe.offset);
    const lost = firstDifference(this.#expected, found);
    assert.equal(lost, -1, `what the guest was answered for is gone at byte ${lost}`);
  }

  /** As a user moves it. */
  async move(): Promise<void> {
    const { datastore } = await this.#shown();
    const to = MOVE_STORES.find((store) => store !== datastore);
    const job = await this.#call<JobView>("migrations.start", {
      disks: [DISK],
      to,
      strategy: this.#strategy,
    });
    const { state, outcome } = await this.#ended(job.id);
    assert.deepEqual([state, outcome?.code], ["succeeded", "ok"], "the disk was to be moved after the crash");
  }

  async end(): Promise<void> {
    await this.#doomed?.kill();
    await this.#engine?.close();
  }

  async #writeOn(guest: NbdClient): Promise<void> {
    try {
      for (let count = 0; ; count++) {
        const offset = ((count * 7) % (this.#sizeBytes / BLOCK_BYTES)) * BLOCK_BYTES;
        const bytes = pattern(`write ${count}`, offset, BLOCK_BYTES);
        this.#unanswered = { offset, bytes };
        await guest.write(offset, bytes);
        await guest.flush();
        this.#expected.set(bytes, offset);
      }
    } catch (error) {
      if (!CodedError.is(error, "peer-lost")) throw error;
    }
  }

  get #running(): Engine {
    if (!this.#engine) throw new Error("the scenario's server is not running");
    return this.#engine;
  }

  async #call<T>(name: string, input: object): Promise<T> {
    return (await this.#running.invoke(name, input)).output as T;
  }

  #shown(): Promise<DiskView> {
    return this.#call<DiskView>("disks.show", { name: DISK });
  }

  async #ended(id: string): Promise<JobView> {
    const stop = new AbortController();
    const events = this.#running.events({ job: id }, { signal: stop.signal })[Symbol.asyncIterator]();
    let next = events.next();
    try {
      for (;;) {
        const job = await this.#call<JobView>("jobs.show", { id });
        if (!["queued", "running"].includes(job.state)) return job;
        await next;
        next = events.next();
      }
    } finally {
      stop.abort();
      await next.catch(() => undefined);
    }
  }
}
