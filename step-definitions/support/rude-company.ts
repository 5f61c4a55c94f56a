import { readFile } from "node:fs/promises";
import { holdHandshakes, NbdClient, type RudeClients, takeNoReplies } from "pagurus/testing";
import type { Lab, LabPart } from "../world.ts";
import { LocalServer } from "./local-server.ts";

/** Clients without manners, all from this process, and what they cost the server. */
export class RudeCompany implements LabPart {
  readonly #server: LocalServer;
  readonly #rude: RudeClients[] = [];
  readonly #served: NbdClient[] = [];
  #memoryBefore = 0;
  /** Of those who came with `crowd`. */
  turnedAway = 0;

  constructor(lab: Lab) {
    this.#server = lab.part(LocalServer);
  }

  get served(): number {
    return this.#served.length;
  }

  async holdHandshakes(disk: string, count: number): Promise<void> {
    this.#memoryBefore = await this.#memory();
    this.#rude.push(await holdHandshakes(await this.#server.uriOf(disk), count));
  }

  async takeNoReplies(disk: string, bytes: number): Promise<void> {
    this.#memoryBefore = await this.#memory();
    this.#rude.push(await takeNoReplies(await this.#server.uriOf(disk), bytes));
  }

  /** They come all at once and negotiate as they should. */
  async crowd(disk: string, count: number): Promise<void> {
    this.#memoryBefore = await this.#memory();
    const uri = await this.#server.uriOf(disk);
    const came = await Promise.allSettled(Array.from({ length: count }, () => NbdClient.connect(uri)));
    for (const client of came)
      if (client.status === "fulfilled") this.#served.push(client.value);
      else this.turnedAway++;
  }

  leave(): void {
    for (const client of this.#rude) client.leave();
    for (const client of this.#served) client.destroy();
  }

  /** By how much the server's resident memory has grown since the first of them came. */
  async memoryGrowthBytes(): Promise<number> {
    return (await this.#memory()) - this.#memoryBefore;
  }

  async end(): Promise<void> {
    this.leave();
  }

  async #memory(): Promise<number> {
    const status = await readFile(`/proc/${this.#server.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }
}
