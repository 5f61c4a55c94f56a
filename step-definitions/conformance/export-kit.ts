import { connect as connectSocket, type Socket } from "node:net";
import { DiskExport, type ExportAttachment, type SharedListener } from "pagurus";
import { NbdClient } from "pagurus/testing";
import { DiskUnderTest } from "./disk-under-test.ts";
import { pattern } from "./model.ts";
import type { Kit } from "./world.ts";

interface Attached {
  readonly disk: DiskUnderTest;
  attachment: ExportAttachment;
}

/** The disks that a scenario exports, and the clients that use the last of them. */
export class ExportKit {
  readonly attached: Attached[] = [];
  readonly clients: NbdClient[] = [];
  /** Requests that were sent and not waited for. */
  pending: Promise<void>[] = [];
  answered = 0;
  readonly #export: DiskExport;
  #listener: SharedListener | undefined;

  constructor(kit: Kit) {
    this.#export = kit.instance(DiskExport);
  }

  get current(): Attached {
    const last = this.attached.at(-1);
    if (!last) throw new Error("the scenario has no disk");
    return last;
  }

  get disk(): DiskUnderTest {
    return this.current.disk;
  }

  get client(): NbdClient {
    const last = this.clients.at(-1);
    if (!last) throw new Error("the scenario has no client");
    return last;
  }

  get uri(): string {
    const [address] = this.current.attachment.addresses;
    if (!address) throw new Error("the export gave no address");
    return address.uri;
  }

  async attach(name: string, sizeBytes: number): Promise<void> {
    const disk = new DiskUnderTest(name, sizeBytes);
    this.attached.push({ disk, attachment: await this.#export.attach(disk) });
  }

  async attachAgain(): Promise<void> {
    this.current.attachment = await this.#export.attach(this.disk);
  }

  async connect(uri = this.uri): Promise<void> {
    this.clients.push(await NbdClient.connect(uri));
  }

  /** A connection that speaks nothing. */
  async connectPlainly(): Promise<Socket> {
    const { hostname, port, searchParams } = new URL(this.uri);
    const path = searchParams.get("socket");
    const socket = path === null ? connectSocket(Number(port), hostname) : connectSocket(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  }

  /** Lets another instance, as the control plane has one, listen for all disks; answers how the last one is reached. */
  async listen(shared: DiskExport): Promise<string | undefined> {
    this.#listener = await shared.listen?.({
      list: () => this.attached.map(({ disk }) => disk),
      handOver: async (id, fd, negotiated) => {
        const found = this.attached.find(({ disk }) => disk.disk === id);
        found?.attachment.adopt?.(fd, negotiated);
      },
    });
    return this.#listener?.addressesOf(this.disk)[0]?.uri;
  }

  async write(offset: number, length: number, client = this.client): Promise<void> {
    const bytes = pattern("guest", offset, length);
    await client.write(offset, bytes);
    this.disk.expected.set(bytes, offset);
  }

  /** Sends writes side by side and waits for none. */
  send(count: number, length: number): void {
    this.pending = Array.from({ length: count }, async (_, index) => {
      await this.write(index * length, length);
      this.answered++;
    });
    // Whoever asks gets their failures; a scenario that doesn't must not die of them.
    for (const request of this.pending) request.catch(() => undefined);
  }

  /** Where the client reads something else than the disk holds. */
  async difference(client = this.client): Promise<number | undefined> {
    for (const { offset, length } of this.disk.content.ranges())
      if (Buffer.compare(await client.read(offset, length), this.disk.content.slice(offset, length)) !== 0)
        return offset;
    return undefined;
  }

  async end(): Promise<void> {
    for (const { disk } of this.attached) disk.goOn();
    for (const client of this.clients) client.destroy();
    await Promise.allSettled(this.pending);
    await this.#listener?.close();
    for (const { attachment } of this.attached) await attachment.close();
  }
}
