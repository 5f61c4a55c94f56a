import { mkdir } from "node:fs/promises";
import { MigrationStrategy } from "pagurus";
import { DoomedMoveServers } from "pagurus/conformance";
import type { Kit } from "../world.ts";
import { DoomedDisk } from "./doomed-disk.ts";

/** Moments of a move, by the points at which a server may end. */
const points: Readonly<Record<string, string>> = {
  "it is copied": "copying/done",
  "it is ready": "converging/before",
  "its guest is held": "stunned/done",
  "its target is equal": "switched/ready",
  "its owner has changed": "switched/recorded",
  "its guest is at the target": "switched/done",
};

/** The disks of servers that are killed, each at a moment of its own: one process, one kill. */
export class DoomedDisks {
  readonly all: DoomedDisk[] = [];
  readonly #kit: Kit;
  #servers: DoomedMoveServers | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async add(
    moment: string,
    { where, sizeBytes }: { readonly where: string; readonly sizeBytes: number },
  ): Promise<void> {
    const request = this.#kit.requestIn(`${this.#kit.folder}/tmp/${this.all.length}`);
    await mkdir(request.dataDir, { mode: 0o700 });
    const strategy = this.#kit.instance(MigrationStrategy).id;
    this.all.push(new DoomedDisk(moment, { where, request, strategy, sizeBytes }));
  }

  async moveAndKill(): Promise<void> {
    const doomed = this.all.map(({ request, moment }) => ({ request, moment: pointOf(moment) }));
    const servers = await DoomedMoveServers.start(doomed);
    this.#servers = servers;
    await Promise.all(
      this.all.map(async (disk, server) => {
        const reached = servers.reached(server);
        await Promise.all([reached, disk.beginMove((name, input) => servers.call(server, name, input))]);
      }),
    );
    await servers.kill();
  }

  async startAgain(): Promise<void> {
    await Promise.all(this.all.map((disk) => disk.startAgain()));
  }

  async end(): Promise<void> {
    await this.#servers?.kill();
    await Promise.all(this.all.map((disk) => disk.end()));
  }
}

const pointOf = (moment: string): string => {
  const point = points[moment];
  if (!point) throw new Error(`no such moment: ${moment}`);
  return point;
};
