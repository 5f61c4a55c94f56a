import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Disk, Engine, JsonObject, Report } from "pagurus";
import { type CreatedEngine, connectEngine, createEngine, loadConfiguration } from "pagurus/engine";
import { setDefaultTimeout, setWorldConstructor, World } from "pagurus/steps";
import {
  type CommitFate,
  losingCatalog,
  type SeenCommit,
  type ServerProcess,
  startDoomedServer,
} from "pagurus/testing";
import { DiskImage } from "./lab/disk-image.ts";
import { EventLog } from "./lab/event-log.ts";
import { Guest } from "./lab/guest.ts";
import type { JobView } from "./lab/job-view.ts";
import { ProbePoints } from "./lab/probe-points.ts";
import { hasEnded, wrongsOf } from "./lab/wrongs.ts";
import { Conductor } from "./rehearsal/conductor.ts";

/** A scenario that takes longer hangs. */
const STEP_TIMEOUT_MS = 30_000;
setDefaultTimeout(STEP_TIMEOUT_MS);

/** Moves are not to fail for a machine that is busy with other things. */
const UNHURRIED_PAUSE_MS = 20_000;

/** Built like what is put to the test: each disk thread would start a compiler of its own for it. */
const rehearsal = fileURLToPath(
  new URL(
    import.meta.resolve("pagurus").endsWith(".ts")
      ? "./rehearsal/plugin.ts"
      : "../dist/step-definitions/rehearsal/plugin.js",
    import.meta.url,
  ),
);

/** `cucumber.mjs` sets it: 0 is everything in one thread. */
export interface LabParameters {
  readonly diskThreads: number;
}

/** What a scenario chooses before its engine starts. */
export interface Setup {
  /** Whether the conductor can hold, fail and spoil the datastores; otherwise they are plain local ones. */
  rehearsed: boolean;
  datastores: readonly string[];
  /** Datastores that are no folders, with their sections of `pagurus.yaml`. */
  stores: JsonObject;
  /** More of `pagurus.yaml`, section by section. */
  sections: JsonObject;
}

/** What only some scenarios have, such as a browser or a server in a process of its own. */
export interface LabPart {
  /** What it finds wrong after a scenario that did all it said. */
  wrongs?(): Promise<readonly string[]>;
  /** Ends everything that it began; before the engine ends. */
  end(): Promise<void>;
}

/** The engine of a scenario: in this process, or in one of its own that can be killed. */
interface Running {
  readonly engine: Engine;
  readonly events: EventLog;
  readonly created?: CreatedEngine;
  readonly process?: ServerProcess;
}

/**
 * One scenario: an engine of our own in a fresh folder, in the form of the profile, with its disks and clients.
 * The engine starts when it is first needed (`started`), so that a scenario can choose its `setup` before. At its
 * end a scenario fails on reports that no step asked about, on layers that no disk names and on jobs that still run.
 */
export class Lab extends World<LabParameters> {
  readonly setup: Setup = {
    rehearsed: false,
    datastores: ["fast", "archive"],
    stores: {},
    sections: {},
  };
  /** What becomes of each commit of the catalog. */
  commitFate: (commit: SeenCommit) => CommitFate = () => "deliver";
  /** Holds the engine at points of a job. */
  readonly points = new ProbePoints();
  /** Layers that stay though no disk names them, as `datastore/layer`: sources that were to be kept. */
  readonly kept = new Set<string>();
  readonly guests = new Map<string, Guest>();
  /** What every move of this scenario is asked for with, unless a step says otherwise. */
  moveOptions: JsonObject = { maxPauseMs: UNHURRIED_PAUSE_MS };
  /** The job started last. */
  job: string | undefined;
  /** Requests that were made and not waited for. */
  readonly asked: Promise<unknown>[] = [];
  /** The error of the last call that was tried. */
  refusal: unknown;
  /** Fresh, and removed at the end. */
  folder = "";
  readonly #images = new Map<string, DiskImage>();
  readonly #jobs = new Set<string>();
  readonly #expected = new Set<string>();
  readonly #parts = new Map<new (lab: Lab) => LabPart, LabPart>();
  #numbers = 0;
  #conductor: Conductor | undefined;
  #running: Running | undefined;

  get dataDir(): string {
    return join(this.folder, "data");
  }

  get configurationFile(): string {
    return join(this.folder, "pagurus.yaml");
  }

  /** Where a datastore keeps its layers. */
  folderOf(datastore: string): string {
    return join(this.folder, "stores", datastore);
  }

  /** Each time another one, to tell writes apart by. */
  nextNumber(): number {
    this.#numbers++;
    return this.#numbers;
  }

  /** Needs `setup.rehearsed`. */
  get conductor(): Conductor {
    this.#conductor ??= new Conductor();
    return this.#conductor;
  }

  get engine(): Engine {
    return this.#here.engine;
  }

  get events(): EventLog {
    return this.#here.events;
  }

  /** The scenario's one part of this kind, made when it is first asked for. */
  part<T extends LabPart>(Part: new (lab: Lab) => T): T {
    const known = this.#parts.get(Part);
    if (known instanceof Part) return known;
    const made = new Part(this);
    this.#parts.set(Part, made);
    return made;
  }

  /** Starts the engine in this process, where none runs. */
  async started(): Promise<Engine> {
    if (this.#running) return this.#running.engine;
    await this.writeConfiguration();
    const { dataDir, configurationFile: path } = this;
    const created = await createEngine({
      configuration: await loadConfiguration({ path, dataDir, env: {} }),
      version: "0.0.0",
      logLevel: process.env["PAGURUS_LOG"] ?? "silent",
      probe: this.points.probe,
      throughCatalog: (catalog) => losingCatalog(catalog, (commit) => this.commitFate(commit)),
    });
    this.#running = { engine: created.engine, events: new EventLog(created.engine), created };
    return created.engine;
  }

  /** Starts a server in a process of its own on the same disks, which kills itself at a point of a job. */
  async startDoomed(killAt: string): Promise<void> {
    await this.stop();
    // Nobody conducts across processes.
    this.setup.rehearsed = false;
    await this.writeConfiguration();
    const { dataDir, configurationFile: configPath } = this;
    const server = await startDoomedServer({ dataDir, configPath, killAt });
    const engine = await connectEngine({ url: server.url, token: server.token });
    this.#running = { engine, events: new EventLog(engine), process: server };
  }

  /** Resolves when the server of its own process is dead; the next call starts an engine in this process. */
  async died(): Promise<void> {
    await this.#here.process?.exited;
    await this.stop();
  }

  /** Ends a disk thread as a crash does. Its clients are cut off. */
  async killDiskThread(thread: number): Promise<void> {
    const { created } = this.#here;
    if (!created) throw new Error("the scenario's engine is not in this process");
    await created.killDiskThread(thread);
    this.#conductor?.forget();
  }

  get #here(): Running {
    if (!this.#running) throw new Error("the scenario has not started its engine");
    return this.#running;
  }

  /** Writes `pagurus.yaml` and makes the datastores' folders, also for a server of another process. */
  async writeConfiguration(): Promise<void> {
    const { rehearsed, datastores, stores, sections } = this.setup;
    const store = (id: string): JsonObject => ({
      plugin: rehearsed ? "rehearsal" : "datastore-local",
      root: this.folderOf(id),
      ...(rehearsed && { channel: this.conductor.channelName }),
    });
    await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
    for (const id of datastores) await mkdir(this.folderOf(id), { recursive: true });
    const configuration = {
      ...(rehearsed && { plugins: [rehearsal] }),
      server: { diskThreads: this.parameters.diskThreads },
      datastores: { ...Object.fromEntries(datastores.map((id) => [id, store(id)])), ...stores },
      ...sections,
    };
    await writeFile(this.configurationFile, JSON.stringify(configuration));
  }

  /** Ends the engine as `serve` does; one in a process of its own dies. Connections end with it. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    for (const guest of this.guests.values()) await guest.close();
    await running?.process?.kill9();
    await running?.events.end();
    await running?.engine.close();
  }

  /** Calls a function that must succeed. */
  async call<T>(name: string, input: object): Promise<T> {
    return (await (await this.started()).invoke(name, input)).output as T;
  }

  /** Calls a function that may be refused: then `refusal` says why. */
  async attempt(name: string, input: object): Promise<void> {
    this.refusal = undefined;
    try {
      await this.call(name, input);
    } catch (error) {
      this.refusal = error;
    }
  }

  async createDisk(name: string, sizeBytes: number, datastore = "fast"): Promise<Disk> {
    const disk = await this.call<Disk>("disks.create", { name, sizeBytes, datastore });
    this.#images.set(name, new DiskImage(sizeBytes));
    return disk;
  }

  showDisk(name: string): Promise<Disk> {
    return this.call<Disk>("disks.show", { name });
  }

  /** The scenario's client of the disk, connected anew where it lost its connection. */
  async connect(name: string): Promise<Guest> {
    const known = this.guests.get(name);
    if (known) {
      if (known.lost) await known.reconnect();
      return known;
    }
    const image = this.#images.get(name);
    if (!image) throw new Error(`the scenario has no disk ${name}`);
    const guest = await Guest.connect(name, image, () => this.uriOf(name));
    this.guests.set(name, guest);
    return guest;
  }

  /** The address of a disk; one whose thread has died is waited for. */
  async uriOf(name: string): Promise<string> {
    await this.started();
    for (;;) {
      const reopened = this.events.next(({ type }) => type === "disk.reopened");
      const [served] = (await this.showDisk(name)).exports;
      if (served) return served.uri;
      await reopened;
    }
  }

  /** Answers the job's id; it goes on by itself. */
  async startMove(disks: readonly string[], to: string, options: JsonObject = {}): Promise<string> {
    const { id } = await this.call<JobView>("migrations.start", {
      disks,
      to,
      ...this.moveOptions,
      ...options,
    });
    this.#jobs.add(id);
    this.job = id;
    return id;
  }

  /** The job as it is now; the last one started unless named. */
  showJob(id = this.job): Promise<JobView> {
    return this.call<JobView>("jobs.show", { id });
  }

  /** Waits for the job's end, told by an event; the last one started unless named. */
  async jobEnded(id = this.job): Promise<JobView> {
    await this.started();
    const now = await this.showJob(id);
    if (hasEnded(now)) return now;
    await this.events.happened(({ type, job }) => type === "job.ended" && job === id);
    return this.showJob(id);
  }

  /** The reports so far, newest first. */
  async reports(): Promise<readonly Report[]> {
    return (await this.call<{ items: readonly Report[] }>("reports.list", { limit: 100 })).items;
  }

  /** The one report with this root code that no step has asked about yet. */
  async expectReport(rootCode: string): Promise<Report> {
    const open = (await this.reports()).filter(({ id }) => !this.#expected.has(id));
    const report = open.find((one) => one.rootCode === rootCode);
    if (!report)
      throw new Error(
        `no report of ${rootCode}, but ${open.map((one) => one.rootCode).join(", ") || "none"}`,
      );
    this.#expected.add(report.id);
    return report;
  }

  /** What a scenario that did all it said leaves wrong; nothing, if all is well. */
  async wrongs(): Promise<readonly string[]> {
    const wrongs: string[] = [];
    for (const part of this.#parts.values()) wrongs.push(...((await part.wrongs?.()) ?? []));
    if (this.#running) wrongs.push(...(await wrongsOf(this, { jobs: this.#jobs, expected: this.#expected })));
    return wrongs;
  }

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "pagurus-lab-"));
  }

  /** Ends everything, however far the scenario came. */
  async close(): Promise<void> {
    this.points.end();
    this.#conductor?.release();
    for (const part of [...this.#parts.values()].reverse()) await part.end();
    await this.stop();
    this.#conductor?.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}

setWorldConstructor(Lab);
