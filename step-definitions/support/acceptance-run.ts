import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "pagurus";
import type { JobView } from "../lab/job-view.ts";
import type { Lab, LabPart } from "../world.ts";
import { HttpDoor } from "./http-door.ts";
import { LocalServer } from "./local-server.ts";

const Result = z.looseObject({
  subject: z.string(),
  verdict: z.string(),
  message: z.string().nullable(),
  job: z.string(),
});
const Feature = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      tags: z.array(z.string()),
      scenarios: z.array(
        z.object({
          name: z.string(),
          steps: z.array(z.string()),
          examples: z.number(),
          results: z.array(Result),
        }),
      ),
    }),
  ),
});
export type FeatureView = z.infer<typeof Feature>;

const LOOK_AGAIN_MS = 20;

/** The acceptance run that a scenario has started, and what is left of it. */
export class AcceptanceRun implements LabPart {
  readonly #lab: Lab;
  /** Those that wait for it. */
  readonly waiting: string[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The job that the last call has started. */
  started(): string {
    const { id } = this.#lab.part(HttpDoor).answer.fields({ id: z.string() });
    this.#lab.job = id;
    return id;
  }

  async ended(): Promise<JobView> {
    return this.#lab.jobEnded(this.started());
  }

  async feature(id: string): Promise<FeatureView> {
    return Feature.parse(await this.#lab.call<unknown>("features.show", { id }));
  }

  /** Starts a run in the engine of this process; resolves when a scenario of it has ended. */
  async underWay(plugin: string): Promise<void> {
    const { id } = await this.#lab.call<JobView>("acceptance-runs.start", { plugin });
    this.#lab.job = id;
    await this.#lab.events.happened(({ type, job }) => type === "scenario.ended" && job === id);
    assert.notDeepEqual(await this.processes(), []);
  }

  /** The same on the server of another process. */
  async underWayOnServer(plugin: string): Promise<void> {
    const server = this.#lab.part(LocalServer);
    const { id } = await server.call<JobView>("acceptance-runs.start", { plugin });
    this.#lab.job = id;
    await server.jobTells(id, ({ type }) => type === "scenario.ended");
    assert.notDeepEqual(await this.processes(), []);
  }

  /** Where the run keeps what it makes on its way. */
  get folder(): string {
    return join(tmpdir(), `pagurus-${this.#lab.job?.slice(-8)}`);
  }

  /** The processes that live and work there. */
  async processes(): Promise<readonly string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")),
    );
    return pids.filter((_, index) => environments[index]?.includes(`TMPDIR=${this.folder}\0`));
  }

  /** Resolves when none does any more; a scenario that waits for ever is ended by its deadline. */
  async processesEnd(): Promise<void> {
    while ((await this.processes()).length > 0)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }

  async end(): Promise<void> {}
}
