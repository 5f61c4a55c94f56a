import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { MigrationStrategy } from "pagurus";
import { DoomedMoveServer } from "pagurus/conformance";
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

/** A move whose server is killed at a moment of it. */
export class DoomedMove {
  readonly #kit: Kit;
  #disk: DoomedDisk | undefined;
  #server: DoomedMoveServer | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  get disk(): DoomedDisk {
    if (!this.#disk) throw new Error("the scenario has no server that is to be killed");
    return this.#disk;
  }

  async prepare(moment: string, sizeBytes: number): Promise<void> {
    const request = this.#kit.requestIn(`${this.#kit.folder}/tmp/server`);
    await mkdir(request.dataDir, { mode: 0o700 });
    const strategy = this.#kit.instance(MigrationStrategy).id;
    this.#disk = new DoomedDisk(moment, { request, strategy, sizeBytes });
  }

  async moveAndKill(): Promise<void> {
    const { disk } = this;
    const server = await DoomedMoveServer.start({ request: disk.request, moment: pointOf(disk.moment) });
    this.#server = server;
    const reached = server.reached();
    const begun = disk.beginMove((name, input) => server.call(name, input));
    const [ended] = await Promise.all([reached, begun]);
    const told = `the move ended before its server was to die: ${JSON.stringify(ended)}`;
    assert.equal(ended, undefined, told);
    await server.kill();
  }

  async end(): Promise<void> {
    await this.#server?.kill();
    await this.#disk?.end();
  }
}

const pointOf = (moment: string): string => {
  const point = points[moment];
  if (!point) throw new Error(`no such moment: ${moment}`);
  return point;
};
