import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Disk, Engine, EngineEvent, JsonObject, Report } from "pagurus";
import { connectEngine } from "pagurus/engine";
import { DiskImage } from "../lab/disk-image.ts";
import { Guest } from "../lab/guest.ts";
import type { JobView } from "../lab/job-view.ts";
import { leftLayers } from "../lab/leftovers.ts";
import { hasEnded } from "../lab/wrongs.ts";
import type { Lab, LabPart } from "../world.ts";
import { type Ended, Program } from "./program.ts";

const root = dirname(fileURLToPath(new URL("../../package.json", import.meta.url)));
const command = [
  "--import",
  import.meta.resolve("tsx"),
  "--conditions=@pagurus/source",
  join(root, "src/cli/main.ts"),
];

/** `pagurus serve` as a person starts it, in a process of its own, and the command line beside it. */
export class LocalServer implements LabPart {
  readonly #lab: Lab;
  readonly #programs: Program[] = [];
  readonly #expected = new Set<string>();
  readonly guests = new Map<string, Guest>();
  /** Where each disk was reached when it was created. */
  readonly addresses = new Map<string, string>();
  /** Flags of `serve` besides those that every scenario has. */
  flags: readonly string[] = [];
  /** What of the environment is otherwise for it and its commands. */
  environment: Readonly<Record<string, string>> = {};
  /** Whether it is started with a configuration file; otherwise everything is as it is without. */
  configured = true;
  #running: { readonly program: Program; readonly engine: Engine; readonly url: string } | undefined;
  #last: Ended | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Whether it runs; it may have died since. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  get url(): string {
    return this.#up.url;
  }

  get pid(): number {
    return this.#up.program.pid ?? 0;
  }

  /** What the last command or server that has ended said. */
  get last(): Ended {
    if (!this.#last) throw new Error("nothing has ended yet");
    return this.#last;
  }

  async start(): Promise<void> {
    if (!(await this.tryToStart())) throw new Error(`the server did not start: ${this.last.err}`);
  }

  /** Whether it got ready; otherwise `last` has how it ended. */
  async tryToStart(flags: readonly string[] = []): Promise<boolean> {
    await this.#lab.writeConfiguration();
    const configuration = this.configured ? ["--config", this.#lab.configurationFile] : [];
    const all = ["serve", "--listen", "127.0.0.1:0", ...configuration, ...this.flags, ...flags];
    const program = this.#program(all);
    const ready = await program.says(/^ready (\S+)/m);
    if (!ready) {
      this.#last = await program.ended;
      return false;
    }
    const [, url = ""] = ready;
    const token = (await readFile(join(this.#lab.dataDir, "token"), "utf8")).trim();
    this.#running = { program, url, engine: connectEngine({ url, token }) };
    return true;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { program, engine } = this.#up;
    this.#running = undefined;
    await engine.close();
    this.#last = await program.kill(signal);
  }

  /** Runs one command of `pagurus` to its end. */
  pagurus(words: readonly string[]): Promise<Ended> {
    return this.endOf(this.begin(words));
  }

  /** Begins one command of `pagurus`. */
  begin(words: readonly string[]): Program {
    return this.#program(words);
  }

  async endOf(command: Program): Promise<Ended> {
    this.#last = await command.ended;
    return this.#last;
  }

  async call<T>(name: string, input: object): Promise<T> {
    return (await this.#up.engine.invoke(name, input)).output as T;
  }

  showDisk(name: string): Promise<Disk> {
    return this.call<Disk>("disks.show", { name });
  }

  /** The address of a disk on this server, by default the first. */
  async uriOf(name: string, scheme = ""): Promise<string> {
    const { exports } = await this.showDisk(name);
    const served = exports.find(({ uri }) => uri.startsWith(scheme));
    assert.ok(served, `${name} is not served there`);
    return served.uri;
  }

  /** The file of a disk's only layer. */
  async fileOf(name: string): Promise<string> {
    const [layer] = (await this.showDisk(name)).layers;
    return layer?.location ?? "";
  }

  /** Creates a disk and connects a client to it. */
  async createDisk(name: string, sizeBytes: number, datastore: string): Promise<Guest> {
    await this.call("disks.create", { name, sizeBytes, datastore });
    const guest = await Guest.connect(name, new DiskImage(sizeBytes), () => this.uriOf(name));
    this.guests.set(name, guest);
    this.addresses.set(name, await this.uriOf(name));
    return guest;
  }

  guestOf(name: string): Guest {
    const guest = this.guests.get(name);
    assert.ok(guest, `nobody uses ${name}`);
    return guest;
  }

  /** Moves a disk and answers the job as it ended. */
  async move(disk: string, to: string, options: JsonObject = {}): Promise<JobView> {
    const id = await this.startMove(disk, to, options);
    await this.jobTells(id, ({ type }) => type === "job.ended");
    return this.call<JobView>("jobs.show", { id });
  }

  /** Answers the job's id; it goes on by itself. */
  async startMove(disk: string, to: string, options: JsonObject = {}): Promise<string> {
    // A machine that is busy with other tests shall not fail this one for the length of a pause.
    const input = { disks: [disk], to, maxPauseMs: 20_000, ...options };
    return (await this.call<JobView>("migrations.start", input)).id;
  }

  /** Resolves at the first event of a job that fits from now on, or where it has ended and that fits. */
  async jobTells(job: string, fits: (event: EngineEvent) => boolean): Promise<void> {
    // It is subscribed from the `reset` on that answers an id which no server gives.
    for await (const told of this.#up.engine.events({ job }, { after: "none" })) {
      const over = told.type === "reset" && hasEnded(await this.call<JobView>("jobs.show", { id: job }));
      const event = over ? { ...told, type: "job.ended" } : told;
      if (fits(event)) return;
      assert.notEqual(event.type, "job.ended", "the job has ended before it told that");
    }
    throw new Error("the events ended before the job");
  }

  async expectReport(rootCode: string): Promise<Report> {
    const { items } = await this.call<{ items: readonly Report[] }>("reports.list", {});
    const report = items.find((one) => one.rootCode === rootCode && !this.#expected.has(one.id));
    assert.ok(report, `no report of ${rootCode}, but ${items.map((one) => one.rootCode)}`);
    this.#expected.add(report.id);
    return report;
  }

  /** Starts a program that ends with the scenario. */
  program(name: string, args: readonly string[], cwd = this.#lab.folder): Program {
    const program = new Program(name, args, { cwd });
    this.#programs.push(program);
    return program;
  }

  /** Runs a program to its end, which must be a good one. */
  async tool(name: string, args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.program(name, args).ended;
    assert.equal(code, 0, `${name} ${args.join(" ")}: ${out}${err}`);
    return out;
  }

  async wrongs(): Promise<readonly string[]> {
    if (!this.#running) return [];
    const { items: reports } = await this.call<{ items: readonly Report[] }>("reports.list", {});
    const { items: disks } = await this.call<{ items: readonly Disk[] }>("disks.list", {});
    const unasked = reports.filter(({ id }) => !this.#expected.has(id));
    const { datastores } = this.#lab.setup;
    const folders = new Map(datastores.map((id) => [id, this.#lab.folderOf(id)]));
    const left = this.configured ? await leftLayers(folders, disks, this.#lab.kept) : [];
    return [
      ...unasked.map(({ sentence }) => `a report that no step asked about: ${sentence}`),
      ...left.map((name) => `left behind: ${name}`),
    ];
  }

  async end(): Promise<void> {
    for (const guest of this.guests.values()) await guest.close();
    await this.#running?.engine.close();
    await Promise.all(this.#programs.map((program) => program.kill("SIGKILL")));
  }

  get #up() {
    assert.ok(this.#running, "the scenario has no server");
    return this.#running;
  }

  #program(words: readonly string[]): Program {
    const { dataDir, folder } = this.#lab;
    const env = { UV_THREADPOOL_SIZE: "16", PAGURUS_DATA: dataDir, ...this.environment };
    const program = new Program(process.execPath, [...command, ...words], { env, cwd: folder });
    this.#programs.push(program);
    return program;
  }
}
