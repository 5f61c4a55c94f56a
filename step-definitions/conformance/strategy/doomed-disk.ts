import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Engine, type JsonObject } from "pagurus";
import { MOVE_STORES, openMoveServer, type PluginRequest } from "pagurus/conformance";
import { NbdClient } from "pagurus/testing";
import { pattern } from "../model.ts";
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

/** A call to the server that is to die. */
export type Call = <T>(name: string, input: JsonObject) => Promise<T>;

/** A disk of a real server that dies in the middle of a move, and of the server that is started after it. */
export class DoomedDisk {
  /** When its server dies, as the scenario says it. */
  readonly moment: string;
  readonly request: PluginRequest;
  readonly #strategy: string;
  readonly #sizeBytes: number;
  /** What the guest was answered for. */
  readonly #expected: Uint8Array;
  #engine: Engine | undefined;
  #job = "";
  #writing = Promise.resolve();
  /** The write that was not answered: it is there, or it isn't. */
  #unanswered: { readonly offset: number; readonly bytes: Uint8Array } | undefined;

  constructor(
    moment: string,
    options: { readonly request: PluginRequest; readonly strategy: string; readonly sizeBytes: number },
  ) {
    this.moment = moment;
    this.request = options.request;
    this.#strategy = options.strategy;
    this.#sizeBytes = options.sizeBytes;
    this.#expected = pattern("as it was", 0, options.sizeBytes).slice();
  }

  /** From then on the guest writes block after block, each of them durable when the next one is begun. */
  async beginMove(call: Call): Promise<void> {
    const [datastore, to] = MOVE_STORES;
    await call("disks.create", { name: DISK, sizeBytes: this.#sizeBytes, datastore });
    const { exports } = await call<DiskView>("disks.show", { name: DISK });
    const guest = await NbdClient.connect(exports[0]?.uri ?? "");
    await guest.write(0, this.#expected);
    await guest.flush();
    this.#writing = this.#writeOn(guest);
    this.#job = (await call<JobView>("migrations.start", this.#move(to))).id;
  }

  /** Once its server has died. */
  async startAgain(): Promise<void> {
    await this.#writing;
    this.#engine = await openMoveServer(this.request);
  }

  /** `where`: the datastore in which the disk belongs. */
  async assertWhole(where: string): Promise<void> {
    const { state, outcome } = await this.#ended(this.#job);
    const [from] = MOVE_STORES;
    const verdict = where === from ? ["failed", "interrupted"] : ["succeeded", "ok"];
    assert.deepEqual([state, outcome?.code], verdict, `how the move ended, killed when ${this.moment}`);
    const shown = await this.#shown();
    const found = [shown.state, shown.datastore, shown.layers.length];
    assert.deepEqual(found, ["available", where, 1], `the disk, killed when ${this.moment}`);
    for (const store of MOVE_STORES) {
      const files = await readdir(join(this.request.dataDir, store));
      const what = `${store} holds ${files.join(", ") || "nothing"}, killed when ${this.moment}`;
      assert.equal(files.length > 0, store === where, what);
    }
    await this.#assertContent(shown);
  }

  /** As a user moves it. */
  async moveAgain(): Promise<void> {
    const { datastore } = await this.#shown();
    const to = MOVE_STORES.find((store) => store !== datastore);
    const { id } = await this.#call<JobView>("migrations.start", this.#move(to));
    const { state, outcome } = await this.#ended(id);
    const what = `the next move of the disk whose server was killed when ${this.moment}`;
    // The server keeps no more of it than its code.
    assert.notEqual(outcome?.code, "not-implemented", `${what}: its strategy is not written yet`);
    assert.deepEqual([state, outcome?.code], ["succeeded", "ok"], what);
    await this.#assertContent(await this.#shown());
  }

  async end(): Promise<void> {
    await this.#engine?.close();
  }

  #move(to: string | undefined) {
    return { disks: [DISK], to: to ?? "", strategy: this.#strategy };
  }

  async #assertContent({ exports }: DiskView): Promise<void> {
    const guest = await NbdClient.connect(exports[0]?.uri ?? "");
    const found = await guest.read(0, this.#sizeBytes);
    await guest.disconnect();
    const maybe = this.#unanswered;
    if (
      maybe &&
      firstDifference(found.subarray(maybe.offset, maybe.offset + BLOCK_BYTES), maybe.bytes) === -1
    )
      this.#expected.set(maybe.bytes, maybe.offset);
    const lost = firstDifference(this.#expected, found);
    assert.equal(
      lost,
      -1,
      `what the guest was answered for is gone at byte ${lost}, killed when ${this.moment}`,
    );
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
