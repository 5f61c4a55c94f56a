import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope } from "@cucumber/messages";
import type { Capabilities, JsonObject } from "../contract/index.ts";
import type { Reporter, SubjectFacts, SubjectResult } from "./conformance.ts";
import { coverageOf } from "./coverage.ts";
import { featuresOf } from "./kit.ts";
import type { createMergedMessages } from "./merged-messages.ts";
import { type Deadlines, type Mishap, mishap } from "./phases.ts";
import type { RunOrder } from "./protocol.ts";
import { RunUnderWay } from "./run-under-way.ts";
import { isFresh, requestIn, type Subject } from "./subject.ts";
import { SubjectChild } from "./subject-child.ts";
import { countsOf, isOfTheKit, type ScenarioResult, Tally } from "./tally.ts";
import { createToldByTheKit } from "./told-by-the-kit.ts";

/** What is tried before any feature, in this order. */
const phasesToTry = ["load", "register", "start", "stop", "again"] as const;
/** How many processes a subject may use up by dying in scenarios. */
const MAX_DEATHS = 5;
/** Points whose instances keep others out, or listen where no other can. */
const oneAtATime: ReadonlySet<string> = new Set(["catalog", "disk-export"]);

/** Where what goes wrong is nothing that the features promise. */
const ofTheKit: ReadonlySet<Mishap["phase"]> = new Set(["kit", "sweep"]);

/** What all subjects of a run have in common. */
export interface RunFacts {
  readonly seed: number;
  readonly effort: number;
  readonly tags?: string;
  /** What of the subjects' configuration is otherwise on another host. */
  readonly otherHost?: JsonObject;
  /** Those wanted of all points; all that there are where absent. */
  readonly features?: readonly string[];
  readonly parallel: number;
  readonly deadlines: Deadlines;
  /** Ends the run, whoever wants that. */
  readonly signal: AbortSignal;
  /** Removed with everything in it when the run ends. */
  readonly folder: string;
  /** What the names of all that the run makes begin with. */
  readonly prefix: string;
  readonly merged: ReturnType<typeof createMergedMessages>;
  readonly reporter: Required<Pick<Reporter, "scenario">>;
  /** The command that runs a failed scenario again. */
  readonly repeat: (subject: SubjectFacts, failed: ScenarioResult) => string;
}

/** Puts one subject to the test, in processes of its own. Whatever it does, its result is told here. */
export class SubjectRun {
  readonly #subject: Subject;
  readonly #run: RunFacts;
  readonly #tally: Tally;
  readonly #tell: ReturnType<typeof createToldByTheKit>;
  readonly #began = performance.now();
  /** What happened outside of any scenario. */
  readonly #mishaps: Mishap[] = [];
  #capabilities: Capabilities = {};

  constructor(subject: Subject, run: RunFacts) {
    this.#subject = subject;
    this.#run = run;
    this.#tally = new Tally({
      seed: run.seed,
      prefix: `${this.#address}/`,
      repeat: (failed) => run.repeat(subject, failed),
      ended: (result) => run.reporter.scenario(result, subject),
    });
    this.#tell = createToldByTheKit(this.#open());
  }

  async run(): Promise<SubjectResult> {
    const { mishap: before, child: loaded } = this.#subject;
    if (before) {
      this.#tell(before.phase, before.message, before.tookMs ?? loaded?.took(before.phase));
      await loaded?.kill();
      return this.#result();
    }
    const child = loaded ?? this.#start();
    if ((await this.#comesAndGoes(child)) && this.#features.length > 0) await this.#runFeatures(child);
    await child.kill();
    return this.#result();
  }

  /** What stands before the features' paths in the stream of all subjects. */
  get #address(): string {
    const { name, point } = this.#subject;
    return point === "" ? name : `${name}/${point}`;
  }

  get #features(): readonly string[] {
    const { point } = this.#subject;
    return this.#run.features?.filter((path) => path.split("/").at(-2) === point) ?? [featuresOf(point)];
  }

  #open(): (envelope: Envelope) => void {
    return this.#run.merged.source(this.#address, (envelope) => this.#tally.take(envelope));
  }

  #start(): SubjectChild {
    return new SubjectChild(this.#run);
  }

  async #comesAndGoes(child: SubjectChild): Promise<boolean> {
    const { point } = this.#subject;
    const outcome = await child.ask({ do: "try", request: await this.#request(), point });
    if (this.#run.signal.aborted) return false;
    const failed = "mishap" in outcome ? outcome.mishap : undefined;
    this.#tellPhases(child, failed);
    this.#note(child.printed);
    this.#capabilities = child.capabilities;
    if (failed === undefined) return true;
    await child.kill();
    if (failed.phase === "again") return true;
    if (failed.phase === "scenario") this.#tell("scenario", failed.message);
    if (failed.phase === "kit") this.#note(failed);
    this.#tellMishaps(["output"]);
    return false;
  }

  #tellPhases(child: SubjectChild, failed: Mishap | undefined): void {
    // A process that died, or failed, of nothing that was done with the plugin has told of no phase.
    const isInNone = failed?.phase === "scenario" || failed?.phase === "kit";
    for (const phase of isInNone ? [] : phasesToTry) {
      const isLast = failed?.phase === phase;
      this.#tell(phase, isLast ? failed.message : undefined, child.took(phase));
      if (isLast) return;
    }
  }

  async #runFeatures(tried: SubjectChild): Promise<void> {
    const first = tried.isGone ? this.#start() : tried;
    const { point } = this.#subject;
    const count = oneAtATime.has(point) ? 1 : this.#run.parallel;
    const children = Array.from({ length: count }, (_, index) => (index === 0 ? first : this.#start()));
    await Promise.all(
      children.map((child, index) =>
        this.#runShare(child, {
          ...this.#order(this.#features),
          ...(count > 1 ? { shard: `${index + 1}/${count}` } : {}),
        }),
      ),
    );
    if (this.#run.signal.aborted) return;
    if (point === "datastore" && !isFresh(this.#subject.request)) await this.#sweep();
    this.#tellMishaps(["scenario", "output", "exit"]);
  }

  /** Runs some scenarios, in one process after another where it dies of them. */
  async #runShare(first: SubjectChild, all: RunOrder): Promise<void> {
    let child = first;
    let order = all;
    for (let deaths = 0; ; deaths++) {
      const underWay = new RunUnderWay(this.#open());
      const outcome = await child.ask(order, underWay.take);
      if (!("mishap" in outcome)) {
        this.#note(await child.leaves(outcome.alive));
        this.#note(child.printed);
        return;
      }
      await child.kill();
      this.#note(child.printed);
      if (this.#run.signal.aborted) return;
      this.#note(outcome.mishap);
      if (!underWay.fail(outcome.mishap.message)) return;
      const { rest } = underWay;
      if (rest.length === 0) return;
      if (deaths === MAX_DEATHS)
        return this.#note(
          mishap(
            "scenario",
            `${MAX_DEATHS} processes ended or hung in scenarios; ${rest.length} were not run`,
          ),
        );
      child = this.#start();
      order = this.#order(rest);
    }
  }

  async #sweep(): Promise<void> {
    const child = this.#start();
    const { prefix } = this.#run;
    const outcome = await child.ask({ do: "sweep", request: await this.#request(), prefix });
    await child.kill();
    if ("mishap" in outcome) this.#note(outcome.mishap);
  }

  #note(found: Mishap | undefined): void {
    if (!found) return;
    // Each process tells in words of its own what keeps it: one is enough.
    const isKnown = ({ phase, message }: Mishap) =>
      message === found.message || (phase === "exit" && phase === found.phase);
    if (!this.#mishaps.some(isKnown)) this.#mishaps.push(found);
  }

  #tellMishaps(phases: readonly Mishap["phase"][]): void {
    for (const phase of phases) {
      const found = this.#mishaps.filter((one) => one.phase === phase).map(({ message }) => message);
      this.#tell(phase, found.length > 0 ? found.join("\n") : undefined);
    }
  }

  async #request() {
    const folder = join(await mkdtemp(join(this.#run.folder, "t-")), "tmp");
    await mkdir(folder, { mode: 0o700 });
    return requestIn(folder, this.#subject.request);
  }

  #order(paths: readonly string[]): RunOrder {
    const { seed, effort, tags, folder, prefix, otherHost } = this.#run;
    const { request, point } = this.#subject;
    const elsewhere = otherHost === undefined ? {} : { otherHost };
    const parameters = { ...request, point, seed, effort, folder, prefix, ...elsewhere };
    return { do: "run", paths, parameters, ...(tags === undefined ? {} : { tags }) };
  }

  #result(): SubjectResult {
    const { results } = this.#tally;
    const { name, specifier, plugin, point } = this.#subject;
    const facts: SubjectFacts = { name, specifier, plugin, point };
    return {
      ...facts,
      ...countsOf(results),
      problems: this.#mishaps.filter(({ phase }) => ofTheKit.has(phase)).map(({ message }) => message),
      capabilities: this.#capabilities,
      coverage: coverageOf(results.filter((result) => !isOfTheKit(result))),
      results,
      durationMs: Math.round(performance.now() - this.#began),
    };
  }
}
