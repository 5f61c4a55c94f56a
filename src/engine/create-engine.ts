import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FeatureLibrary, thisPackage } from "../acceptance/index.ts";
import { openStore } from "../catalog/index.ts";
import { Catalog, CodedError, type Engine, ErrorSink, type JsonObject, type Log } from "../contract/index.ts";
import {
  CommitTime,
  collectImages,
  JobRunner,
  type Probe,
  RunningMigrations,
  settleImage,
} from "../jobs/index.ts";
import {
  type BuiltIns,
  createKernel,
  type Kernel,
  type RawConfiguration,
  type ServerConfiguration,
} from "../kernel/index.ts";
import { type Codebook, createCodebook, kindOf } from "../observations/index.ts";
import { Acceptance } from "./acceptance/acceptance.ts";
import { builtIns } from "./built-ins.ts";
import { Collector } from "./disks/collector.ts";
import { DiskService } from "./disks/disk-service.ts";
import { OpenDisks } from "./disks/open-disks.ts";
import { StoreOutages } from "./disks/store-outages.ts";
import { Stores } from "./disks/stores.ts";
import { eventCounts } from "./event-counts.ts";
import { createEventHub } from "./events/index.ts";
import { keepToken } from "./first-token.ts";
import { createFrontDoor, createTriggers } from "./front-door/index.ts";
import {
  AcceptanceToken,
  DiskServiceToken,
  ImagesToken,
  InspectionToken,
  JobsToken,
  MigrationsToken,
  StoresToken,
  StoreToken,
} from "./functions/tokens.ts";
import { hostServices, type LateParts } from "./host-services.ts";
import { imageHost } from "./image-host.ts";
import { inspectionOf } from "./inspect.ts";
import { createLog } from "./log.ts";
import { createMetrics, describeProcess, type ThreadMetrics } from "./metrics.ts";
import { migrationHost } from "./migration-host.ts";
import { Reports } from "./reports.ts";
import { SharedExports } from "./shared-exports.ts";
import { systemClock } from "./system-clock.ts";
import { DiskThreads } from "./threads/disk-threads.ts";
import { startInThread, startWorker } from "./threads/start-thread.ts";
import { type Resolve, runnable, runnableNamed } from "./uses.ts";

/** What an engine is assembled from. */
export interface EngineOptions {
  /** As `loadConfiguration` read it. */
  readonly configuration: RawConfiguration;
  /** As it is told to callers, and stamped on results. */
  readonly version: string;
  /** Least severe level that is logged; `silent` for none. */
  readonly logLevel?: string;
  /** Plugins that are known besides the built-in ones, or instead of one, by id. */
  readonly plugins?: BuiltIns;
  /** For tests: called at every point where a crash must be survived. */
  readonly probe?: Probe;
  /** For tests: stands between the engine and its catalog. */
  readonly throughCatalog?: (catalog: Catalog) => Catalog;
}

/** A started engine, and what its configuration says to the doors before it. */
export interface CreatedEngine {
  readonly engine: Engine;
  readonly server: ServerConfiguration;
  readonly codebook: Codebook;
  /** Ends a disk thread as a crash would, for tests of what must hold then. */
  readonly killDiskThread: (thread: number) => Promise<void>;
}

/** Assembles an engine from its configuration and starts it: what a crash has left is made whole before it resolves. */
export async function createEngine(options: EngineOptions): Promise<CreatedEngine> {
  const { configuration } = options;
  const log = createLog(options.logLevel ?? "info");
  const metrics = createMetrics();
  describeProcess(metrics);
  const late: LateParts = {};
  const services = hostServices(log, metrics.service, late);
  await makeDefaultDatastore(configuration);
  const kernel = await createKernel({
    configuration,
    plane: "control",
    services,
    builtIns: knownTo(options),
  });
  await kernel.start();
  const undo = [() => kernel.stop()];
  try {
    return await assemble({ options, kernel, log, metrics, late, undo });
  } catch (error) {
    await undoAll(undo, log);
    throw error;
  }
}

interface Assembly {
  readonly options: EngineOptions;
  readonly kernel: Kernel;
  readonly log: Log;
  readonly metrics: ThreadMetrics;
  readonly late: LateParts;
  /** What stops what has been started so far, in the order of starting. */
  readonly undo: (() => Promise<void>)[];
}

async function undoAll(undo: readonly (() => Promise<void>)[], log: Log): Promise<void> {
  for (const step of undo.toReversed())
    await step().catch((reason: unknown) => log.warn("stopping failed", { reason: String(reason) }));
}

async function assemble({ options, kernel, log, metrics, late, undo }: Assembly): Promise<CreatedEngine> {
  const { configuration, version, probe = () => undefined } = options;
  const codebook = createCodebook(kernel.codes, configuration.secrets);
  const clock = systemClock;
  const { diskThreads } = kernel.server;

  const plain = theOnly(kernel.all(Catalog));
  const lock = await plain.lock();
  undo.push(() => lock.release());
  const store = await openStore(options.throughCatalog?.(plain) ?? plain, { clock });
  undo.push(() => store.close());
  await keepToken(configuration.dataDir, store);
  const events = createEventHub({ boot: store.boot, clock });
  late.events = events;
  undo.push(async () => events.close());

  const sinks = kernel.all(ErrorSink);
  const reports = new Reports({ store, clock, log, metrics: metrics.service, codebook, sinks });
  undo.push(() => reports.stop());
  const report: Reports["record"] = (failure) => reports.record(failure);
  const threads = new DiskThreads({
    count: diskThreads,
    start: () =>
      diskThreads === 0 ? startInThread(configuration, knownTo(options)) : startWorker(configuration),
    log,
    onEvent(event, thread) {
      if (event.event === "log") log[event.level](event.message, event.data);
      else if (event.event === "store-outage") outages.hear(thread, event.datastore, event.outage);
      else open.hear(event);
    },
    onLost(thread, cause) {
      log.error("a disk thread has ended; its disks are reopened", { thread, reason: String(cause) });
      outages.lost(thread);
      open.reopenAll(thread, String(cause));
    },
  });
  undo.push(() => threads.stop());
  const count = eventCounts(metrics.service);
  const publish = (event: { type: string; job?: string; disk?: string; data?: JsonObject }) => {
    events.publish(event);
    count(event);
    if (event.disk !== undefined) void shared.changed();
  };
  const outages = new StoreOutages({
    publish,
    now: () => clock.now(),
    answered: () => collector.answered(),
  });
  const stores = new Stores(threads, datastoreIds(configuration), clock);
  const open = new OpenDisks({ threads, disks: store.disks, stores, log, publish, report });
  const shared = new SharedExports({ kernel, store, open, threads, log });
  const collector = new Collector({ store, stores, open, clock, log });
  undo.push(() => collector.stop());
  const disks = new DiskService({
    ...{ store, open, stores, publish, log, probe },
    shared: (row) => shared.addressesOf(row),
    shown: () => shared.changed(),
    removeLater: (layer) => collector.later(layer),
  });
  late.disks = disks;

  const place = thisPackage();
  const acceptance = new Acceptance({
    ...{ place, library: new FeatureLibrary(place), store, events, version },
    ...{ plugins: kernel.plugins, folder: configuration.folder },
  });

  const resolve: Resolve = (token) => own.get(token) ?? kernel.resolve(token);
  const jobs = new JobRunner({
    ...{ store, clock, log, probe, publish, report },
    functionOf: (name) => runnableNamed(kernel, name, resolve),
    removeResource(resource) {
      if (resource.kind === "folder") return acceptance.remove(resource);
      return resource.kind === "image" ? settleImage(store, resource) : collector.remove(resource);
    },
  });
  const host = migrationHost({ store, log, probe, stores, open, collector, publish });
  const status = async (): Promise<JsonObject> => ({
    ...{ version, boot: store.boot, diskThreads },
    threadPool: Number(process.env["UV_THREADPOOL_SIZE"] ?? 4),
    disks: (await disks.list()).length,
  });
  const functions = () => descriptions;
  const own = new Map<symbol, unknown>([
    [AcceptanceToken, acceptance],
    [ImagesToken, imageHost({ host, stores, open, disks })],
    [DiskServiceToken, disks],
    [StoresToken, stores],
    [StoreToken, store],
    [JobsToken, jobs],
    [MigrationsToken, { host, times: new CommitTime(), running: new RunningMigrations(host) }],
    [InspectionToken, inspectionOf({ kernel, configuration, metrics, threads, open, functions, status })],
  ]);

  const stopping = new AbortController();
  const door = createFrontDoor({
    functions: kernel.functions,
    ...{ store, events, resolve },
    startJob(declared, input, { idempotency }) {
      stopping.signal.throwIfAborted();
      return jobs.start(runnable(declared, resolve), input, { ...(idempotency && { idempotency }) });
    },
    context: (signal) => ({
      ...{ signal: AbortSignal.any([signal, stopping.signal]), clock, log },
      resource: async (resource) => void (await store.resources.record(resource)),
    }),
    audit: log,
    onFailure({ function: task, error }) {
      if (["internal", "unavailable"].includes(kindOf(error, codebook)))
        report({ task, disks: [], error }).catch((reason: unknown) =>
          log.error("a report was lost", { reason: String(reason) }),
        );
    },
  });
  late.door = door;
  const descriptions = await door.functions();
  undo.push(() => jobs.stop());

  // Disks first: jobs are settled on open disks, and only when both are whole is it known what nobody owns.
  await disks.recover();
  await jobs.recover();
  await collector.collect();
  await collectImages(store, log);
  undo.push(() => shared.stop());
  await shared.start();
  const triggers = createTriggers({
    functions: kernel.functions,
    ...{ events, clock, log },
    invoke: async (name, input, call = {}) => (await door.invoke(name, input, call)).output,
  });
  triggers.start();
  undo.push(async () => triggers.stop());

  let closed: Promise<void> | undefined;
  const engine: Engine = {
    ...door,
    async invoke(name, input, call) {
      stopping.signal.throwIfAborted();
      return door.invoke(name, input, call);
    },
    async health() {
      const details = await status().catch((error: unknown) => ({ version, problem: String(error) }));
      return { ready: !stopping.signal.aborted && !("problem" in details), version, details };
    },
    close() {
      stopping.abort(new CodedError("server-stopping", {}));
      // Jobs first: to end, they need all the rest.
      closed ??= jobs.stop().then(() => undoAll(undo, log));
      return closed;
    },
  };
  return { engine, server: kernel.server, codebook, killDiskThread: (thread) => threads.kill(thread) };
}

const knownTo = ({ plugins = new Map() }: EngineOptions): BuiltIns => new Map([...builtIns, ...plugins]);

const theOnly = (catalogs: readonly Catalog[]): Catalog => {
  const [catalog] = catalogs;
  if (catalog === undefined)
    throw new CodedError("instance-not-found", { what: "Catalog", id: "any", known: "none" });
  return catalog;
};

const datastoreIds = ({ values }: RawConfiguration): readonly string[] =>
  Object.keys((values["datastores"] ?? {}) as object);

/** A missing root is refused, for a mount may be missing; only the default one is made. */
async function makeDefaultDatastore({ values, dataDir }: RawConfiguration): Promise<void> {
  const root = join(dataDir, "disks");
  const { datastores } = values as { datastores?: { default?: { root?: string } } };
  if (datastores?.default?.root === root) await mkdir(root, { recursive: true, mode: 0o700 });
}
