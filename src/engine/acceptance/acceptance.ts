import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Feature,
  type FeatureLibrary,
  hashOf,
  type Place,
  type RunRequest,
  runFeaturesInProcess,
  scenariosOf,
} from "../../acceptance/index.ts";
import type { ResourceRow, Store } from "../../catalog/index.ts";
import { CodedError, type Events, type JobContext } from "../../contract/index.ts";
import type { DescribedPlugin } from "../../kernel/index.ts";
import { RunAccount } from "./account.ts";
import { ACCEPT, type AcceptanceRunInput, type AcceptanceRunOutput, OURSELVES } from "./input.ts";

const LARGEST_SEED = 2 ** 31 - 1;
/** The end of a job's id, which is random; longer paths leave no room for the sockets below them. */
const NAME_DIGITS = 8;

export interface AcceptanceOptions {
  readonly place: Place;
  readonly library: FeatureLibrary;
  readonly store: Store;
  readonly events: Events;
  readonly plugins: readonly DescribedPlugin[];
  /** Where the search for plugins starts. */
  readonly folder: string;
  /** Of the package. */
  readonly version: string;
}

/** The features that this package ships, and runs of them, one at a time: two would take each other's time. */
export class Acceptance {
  readonly #options: AcceptanceOptions;
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: AcceptanceOptions) {
    this.#options = options;
  }

  get library(): FeatureLibrary {
    return this.#options.library;
  }

  /** What a run would be about. `plugin-unknown`, `feature-not-found`, `feature-needs-checkout`, `input-invalid`. */
  async chosen({ plugin, features }: AcceptanceRunInput): Promise<readonly Feature[]> {
    const { library } = this.#options;
    const points = plugin === undefined ? [] : pointsOf(this.#plugin(plugin));
    if (features === undefined) {
      const all = await library.list();
      return all.filter((feature) => isForPlugins(feature) && points.includes(feature.point ?? ""));
    }
    const named = await Promise.all(features.map((id) => library.get(id)));
    for (const feature of named) {
      if (isForPlugins(feature) !== (plugin !== undefined)) throw wrongSubject(feature);
      if (!library.canRun(feature)) throw new CodedError("feature-needs-checkout", { feature: feature.id });
    }
    return named;
  }

  /** Runs the features to their end. `scenarios-failed`, `acceptance-run-empty`, `acceptance-run-died`. */
  run(input: AcceptanceRunInput, job: JobContext): Promise<AcceptanceRunOutput> {
    return this.#inTurn(job.signal, async () => {
      const chosen = await this.chosen(input);
      const folder = join(tmpdir(), `pagurus-${job.id.slice(-NAME_DIGITS)}`);
      await job.resource({ kind: "folder", ref: { path: folder } });
      try {
        await mkdir(folder, { mode: 0o700 });
        return await job.step("running", () => this.#run(input, { chosen, folder, job }));
      } finally {
        for (const resource of await this.#options.store.resources.list({ job: job.id }))
          await this.remove(resource);
      }
    });
  }

  /** The folder of a run that is over, and its record. */
  async remove({ id, ref }: ResourceRow): Promise<void> {
    const path = ref["path"];
    if (typeof path === "string") await rm(path, { recursive: true, force: true, maxRetries: 3 });
    await this.#options.store.resources.forget(id);
  }

  async #run(
    input: AcceptanceRunInput,
    { chosen, folder, job }: { chosen: readonly Feature[]; folder: string; job: JobContext },
  ): Promise<AcceptanceRunOutput> {
    const { place, store, events, version } = this.#options;
    const { plugin, tags } = input;
    const seed = plugin === undefined ? null : (input.seed ?? Math.floor(Math.random() * LARGEST_SEED));
    const subject = plugin ?? OURSELVES;
    const account = new RunAccount(
      chosen,
      { subject, seed, version, job: job.id },
      {
        // Which of them tags leave out is Cucumber's to say.
        expected: tags === undefined ? examplesOf(chosen) : 0,
        now: () => job.clock.now(),
        keep: (row) => store.scenarios.keep(row),
        progress: (progress) => job.progress(progress),
        publish: (event) => events.publish(event),
      },
    );
    const request: RunRequest = {
      paths: chosen.map((feature) => this.library.pathOf(feature)),
      ...(tags !== undefined && { tags }),
      ...(plugin !== undefined && { subject: this.#subject(plugin, input, seed ?? 0) }),
    };
    const hear = account.hear.bind(account);
    const { tried, featuresHash = hashOf(chosen) } = await runFeaturesInProcess(request, {
      place,
      temporary: folder,
      signal: job.signal,
      hear,
    });
    await account.kept();
    const { scenarios, counts, first } = account;
    const { passed, failed, skipped } = counts;
    const stamp = { subject, seed, version, featuresHash };
    if (failed > 0)
      throw new CodedError("scenarios-failed", {
        ...stamp,
        ...{ seed: seed ?? "none", scenarios, passed, failed, skipped, first: first ?? "unnamed" },
      });
    if (!tried)
      throw new CodedError("acceptance-run-empty", {
        reason: scenarios === 0 ? "none was chosen" : `nothing of what was chosen applies to ${subject}`,
      });
    return { ...stamp, scenarios, passed, skipped };
  }

  #subject(
    plugin: string,
    { configuration }: AcceptanceRunInput,
    seed: number,
  ): NonNullable<RunRequest["subject"]> {
    const { folder: cwd } = this.#options;
    const { origin } = this.#plugin(plugin);
    return {
      plugin: isBuiltIn(origin) ? plugin : origin,
      cwd,
      seed,
      ...(configuration && { config: configuration }),
    };
  }

  /** Only one that this server knows, never any module of the host. */
  #plugin(id: string): DescribedPlugin {
    // Functions alone, without a module of their own, can't be taken elsewhere.
    const plugins = this.#options.plugins.filter(
      ({ origin, points }) => !isBuiltIn(origin) || points.length > 0,
    );
    const found = plugins.find((plugin) => plugin.id === id);
    if (found === undefined)
      throw new CodedError("plugin-unknown", {
        plugin: id,
        known: plugins.map((plugin) => plugin.id).join(", "),
      });
    return found;
  }

  async #inTurn<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const before = this.#before;
    let over = () => {};
    const mine = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#before = Promise.all([before, mine]);
    try {
      await Promise.race([before, aborted(signal)]);
      signal.throwIfAborted();
      return await run();
    } finally {
      over();
    }
  }
}

const isBuiltIn = (origin: string): boolean => origin === "built-in";

/** As features call them: `error-sink` of `ErrorSink`. */
const pointsOf = ({ points, functions }: DescribedPlugin): readonly string[] => [
  ...points.map((name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()),
  ...(functions.length > 0 ? ["function"] : []),
];

const examplesOf = (features: readonly Feature[]): number =>
  features.flatMap(scenariosOf).reduce((sum, { examples }) => sum + examples, 0);

const isForPlugins = ({ kind }: Feature): boolean => kind === "conformance";

const wrongSubject = (feature: Feature): CodedError =>
  new CodedError("input-invalid", {
    function: ACCEPT,
    problems: isForPlugins(feature)
      ? `the feature ${feature.id} is about a plugin; give \`plugin\` too`
      : `the feature ${feature.id} is not about a plugin; leave \`plugin\` out`,
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
