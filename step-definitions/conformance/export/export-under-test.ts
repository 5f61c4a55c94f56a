import {
  type BlockSizes,
  DiskExport,
  type ExportAttachment,
  type ExportDirectory,
  type JsonObject,
  type SharedListener,
} from "pagurus";
import { openPlugin } from "pagurus/conformance";
import { DiskUnderTest } from "../disk-under-test.ts";
import { pattern } from "../model.ts";
import type { Kit } from "../world.ts";
import { type Reachable, reachable, unreachableText } from "./clients.ts";
import type { ClientKind, GuestClient } from "./guest-client.ts";
import { done, inTime } from "./in-time.ts";
import type { Left } from "./leftovers.ts";
import { SentRequests } from "./sent-requests.ts";

interface Attached {
  readonly disk: DiskUnderTest;
  attachment: ExportAttachment;
  letGo: boolean;
}

const FENCE_BYTES = 4096;

/** The export under test, the disks that a scenario has it serve, and their clients. */
export class ExportUnderTest {
  readonly attached: Attached[] = [];
  readonly clients: GuestClient[] = [];
  readonly sent = new SentRequests();
  /** Writes that were sent and not waited for. */
  readonly sentWrites: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  /** What happens to a client that is handed over; by default its disk adopts it. */
  onHandOver: (adopt: () => void, fd: number) => Promise<void> = async (adopt) => adopt();
  /** The names that a client was told. */
  found: readonly string[] = [];
  /** What was there before. */
  left: Left | undefined;
  readonly #kit: Kit;
  readonly #export: DiskExport;
  #listener: SharedListener | undefined;
  #beside: { readonly attached: Attached; readonly client: GuestClient } | undefined;
  #written = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#export = kit.instance(DiskExport);
  }

  get current(): Attached {
    const last = this.attached.at(-1);
    if (!last) throw new Error("the scenario has no exported disk");
    return last;
  }

  get disk(): DiskUnderTest {
    return this.current.disk;
  }

  get client(): GuestClient {
    return this.clientOf(this.clients.length);
  }

  /** The first client is 1. */
  clientOf(number: number): GuestClient {
    const client = this.clients[number - 1];
    if (!client) throw new Error("the scenario has no such client");
    return client;
  }

  /** Why no client of the kit can reach the disks. */
  get unreachable(): string | undefined {
    const { addresses } = this.current.attachment;
    return reachable(addresses) ? undefined : unreachableText(addresses);
  }

  get place(): Reachable {
    return placeOf(this.current.attachment.addresses);
  }

  async attach(sizeBytes: number, blockSizes?: BlockSizes): Promise<void> {
    const name = this.#kit.freshName(`disk-${this.attached.length + 1}`);
    this.attached.push(await this.#attached(new DiskUnderTest(name, sizeBytes, blockSizes)));
  }

  async attachAgain(): Promise<void> {
    this.current.attachment = await inTime(
      this.#export.attach(this.disk),
      "a disk that was let go was to be exported again",
    );
    this.current.letGo = false;
  }

  async connect(place = this.place): Promise<void> {
    const { uri, clients } = place;
    this.clients.push(await inTime(clients.connect(uri), `a client was to be let in at ${uri}`));
  }

  connectTo(addresses: ExportAttachment["addresses"]): Promise<void> {
    return this.connect(placeOf(addresses));
  }

  /**
   * Has another instance, as the control plane has one, listen for all disks. Answers why no client of the kit can reach
   * what it listens on.
   */
  async listen(): Promise<string | undefined> {
    const control = await openPlugin(this.#kit.request, "control");
    this.#kit.opened.push(control);
    const { listen } = control.get(DiskExport);
    if (!listen) throw new Error("it has the capability shared-address, and its object has no `listen`");
    const directory: ExportDirectory = {
      list: () => this.attached.map(({ disk }) => disk),
      handOver: async (id, fd, negotiated) => this.#hand(id, fd, negotiated),
    };
    this.#listener = await inTime(
      listen.call(control.get(DiskExport), directory),
      "the export was to listen for all disks",
    );
    const addresses = this.#listener.addressesOf(this.disk);
    return reachable(addresses) ? undefined : unreachableText(addresses);
  }

  sharedPlace(disk = this.disk): Reachable {
    return placeOf(this.#listener?.addressesOf(disk) ?? []);
  }

  get clientKind(): ClientKind {
    return this.place.clients;
  }

  /** Bytes of which no two calls give the same. */
  freshBytes(offset: number, length: number): Uint8Array {
    this.#written++;
    return pattern(`guest ${this.#written}`, offset, length);
  }

  /** Writes and waits for the answer. */
  async write(client: GuestClient, offset: number, length: number, disk = this.disk): Promise<void> {
    const bytes = this.freshBytes(offset, length);
    await done(client.write(offset, bytes), `a write of ${length} bytes at ${offset}`);
    disk.expected.set(bytes, offset);
  }

  /** Sends a write and waits for nothing. */
  sendWrite(offset: number, length: number, how: { readonly fua?: boolean } = {}): void {
    const bytes = this.freshBytes(offset, length);
    const { disk } = this;
    this.sentWrites.push({ offset, bytes });
    this.sent.add(
      `the ${how.fua ? "durable " : ""}write of ${length} bytes at ${offset}`,
      this.client.write(offset, bytes, how),
      () => disk.expected.set(bytes, offset),
    );
  }

  /** Resolves when what was sent before has reached the export: a client of another disk has had its answers since. */
  async fence(bytes = 3 * FENCE_BYTES): Promise<void> {
    this.#beside ??= await this.#makeBeside();
    const { client, attached } = this.#beside;
    const length = Math.min(Math.ceil(bytes / 3 / FENCE_BYTES) * FENCE_BYTES, attached.disk.sizeBytes);
    for (let read = 0; read < bytes; read += length)
      await inTime(client.read(0, length), "a client of another disk was to be answered");
  }

  /** Reads and writes on another disk, with buffers as large as they come. */
  async trafficBeside(): Promise<void> {
    await this.fence();
    const client = this.#beside?.client;
    for (let at = 0; at < 4; at++) {
      await client?.write(0, Buffer.alloc(256 * 1024, 0xdd));
      await client?.read(0, 256 * 1024);
    }
  }

  async letGo(attached: Attached): Promise<void> {
    if (attached.letGo) return;
    attached.letGo = true;
    await inTime(attached.attachment.close(), "the export was to let go of its disk");
  }

  async end(): Promise<void> {
    const all = [...this.attached, ...(this.#beside ? [this.#beside.attached] : [])];
    for (const { disk } of all) {
      disk.release();
      disk.catchUp();
    }
    for (const client of [...this.clients, ...(this.#beside ? [this.#beside.client] : [])]) client.vanish();
    if (this.#listener)
      await inTime(this.#listener.close(), "the export was to stop listening for all disks");
    await Promise.all(all.map((attached) => this.letGo(attached)));
  }

  async #attached(disk: DiskUnderTest): Promise<Attached> {
    const attachment = await inTime(this.#export.attach(disk), "a disk was to be exported");
    return { disk, attachment, letGo: false };
  }

  async #makeBeside() {
    const attached = await this.#attached(new DiskUnderTest(this.#kit.freshName("disk-beside"), 1024 * 1024));
    const { uri, clients } = placeOf(attached.attachment.addresses);
    return { attached, client: await inTime(clients.connect(uri), `a client was to be let in at ${uri}`) };
  }

  async #hand(id: string, fd: number, negotiated: JsonObject): Promise<void> {
    const found = this.attached.find(({ disk }) => disk.disk === id);
    const adopt = () => {
      if (!found?.attachment.adopt)
        throw new Error("it has the capability shared-address, and what it attached has no `adopt`");
      found.attachment.adopt(fd, negotiated);
    };
    await this.onHandOver(adopt, fd);
  }
}

const placeOf = (addresses: ExportAttachment["addresses"]): Reachable => {
  const place = reachable(addresses);
  if (!place) throw new Error(unreachableText(addresses));
  return place;
};
