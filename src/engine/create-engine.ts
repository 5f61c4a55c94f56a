import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type DiskRow, openStore, type Store } from "../catalog/index.ts";
import {
  Catalog,
  Clock,
  CodedError,
  Disks,
  type Engine,
  ErrorSink,
  Events,
  type ExtensionPoint,
  Invoke,
  type JsonObject,
  Log,
  Metrics,
  MigrationStrategy,
} from "../contract/index.ts";
import { CommitTime, JobRunner, type MigrationHost, type Probe, type RunnableJob } from "../jobs/index.ts";
import {
  createKernel,
  type Kernel,
  type RawConfiguration,
  type ServerConfiguration,
  type Service,
  shownConfiguration,
} from "../kernel/index.ts";
import { type Codebook, createCodebook, kindOf } from "../observations/index.ts";
import { builtIns } from "./built-ins.ts";
import { Collector } from "./disks/collector.ts";
import { DiskService } from "./disks/disk-service.ts";
import { OpenDisks } from "./disks/open-disks.ts";
import { Stores } from "./disks/stores.ts";
import { createEventHub, type EventHub } from "./events/index.ts";
import { keepToken } from "./first-token.ts";
import { createFrontDoor, createTriggers, type FrontDoor } from "./front-door/index.ts";
import {
  DiskServiceToken,
  type Inspection,
  InspectionToken,
  JobsToken,
  MigrationsToken,
  StoresToken,
  StoreToken,
} from "./functions/tokens.ts";
import { createLog } from "./log.ts";
import { createMetrics, metricsText } from "./metrics.ts";
import { Reports } from "./reports.ts";
import { SharedExports } from "./shared-exports.ts";
import { systemClock } from "./system-clock.ts";
import { DiskThreads } from "./threads/disk-threads.ts";
import { startInThread, startWorker } from "./threads/start-thread.ts";

export interface EngineOptions {
  readonly configuration: RawConfiguration;
  readonly version: string;
  /** Least severe level that is logged; `silent` for none. */
  readonly logLevel?: string;
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
  const { configuration, version } = options;
  const log = createLog(options.logLevel ?? "info");
  const metrics = createMetrics();
  const late: { events?: EventHub; door?: FrontDoor; disks?: DiskService } = {};
  const services: Service[] = [
    [Log, log],
    [Clock, systemClock],
    [Metrics, metrics.service],
    [Events, { publish: (event) => late.events?.publish(event) } satisfies Events],
    [
      Invoke,
      (async (name, input, call = {}) =>
        (await started(late.door).invoke(name, input, call)).output) satisfies Invoke,
    ],
    [
      Disks,
      {
        list: () => started(late.disks).list(),
        get: (name) => started(late.disks).get(name),
      } satisfies Disks,
    ],
  ];
  await makeDefaultDatastore(configuration);
  const kernel = await createKernel({ configuration, plane: "control", services, builtIns });
  await kernel.start();
  const undo: (() => Promise<unknown>)[] = [() => kernel.stop()];
  try {
    return await assemble({ options, kernel, log, metrics, late, undo, version });
  } catch (error) {
    for (const step of undo.reverse())
      await step().catch((reason: unknown) => log.warn("stopping failed", { reason: String(reason) }));
    throw error;
  }
}

interface Assembly {
  readonly options: EngineOptions;
  readonly kernel: Kernel;
  readonly log: Log;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly late: { events?: EventHub; door?: FrontDoor; disks?: DiskService };
  /** What stops what has been started so far, in the order of starting. */
  readonly undo: (() => Promise<unknown>)[];
  readonly version: string;
}

async function assemble(assembly: Assembly): Promise<CreatedEngine> {
  const { options, kernel, log, metrics, late, undo, version } = assembly;
  const { configuration, probe = () => undefined } = options;
  const codebook = createCodebook(kernel.codes, configuration.secrets);
  const clock = systemClock;

  const plain = theOnly(kernel.all(Catalog));
  const lock = await plain.lock();
  undo.push(() => lock.release());
  const store = await openStore(options.throughCatalog?.(plain) ?? plain, { clock });
  undo.push(() => store.close());
  await keepToken(configuration.dataDir, store);
  const events = createEventHub({ boot: store.boot, clock });
  late.events = events;
  undo.push(async () => events.close());

  const reports = new Reports({ store, clock, log, codebook, sinks: kernel.all(ErrorSink) });
  const threads = new DiskThreads({
    count: kernel.server.diskThreads,
    start: () =>
      kernel.server.diskThreads === 0 ? startInThread(configuration, builtIns) : startWorker(configuration),
    log,
    onEvent: (event) =>
      event.event === "log" ? log[event.level](event.message, event.data) : open.hear(event),
    onLost(thread, cause) {
      log.error("a disk thread has ended; its disks are reopened", { thread, reason: String(cause) });
      open.reopenAll(thread);
    },
  });
  undo.push(() => threads.stop());
  const publish = (event: { type: string; job?: string; disk?: string; data?: JsonObject }) => {
    events.publish(event);
    if (event.disk !== undefined) void shared.refresh();
  };
  const stores = new Stores(threads, datastoreIds(configuration));
  const open = new OpenDisks({
    threads,
    disks: store.disks,
    stores,
    log,
    publish,
    report: (failure) => reports.record(failure),
  });
  const shared = new SharedExports({ kernel, store, open, threads });
  const disks = new DiskService({
    store,
    open,
    stores,
    publish,
    shared: (row: DiskRow) => shared.addressesOf(row),
  });
  late.disks = disks;
  const collector = new Collector({ store, stores, log });

  const resolve = (token: ExtensionPoint<unknown>): unknown => own.get(token) ?? kernel.resolve(token);
  const jobs = new JobRunner({
    store,
    clock,
    log,
    probe,
    publish,
    functionOf: (name) => jobFunction(kernel, name, resolve),
    removeResource: ({ ref }) => collector.remove(ref as never),
    report: (failure) => reports.record(failure),
  });
  const host = migrationHost({ store, log, probe, stores, open, publish });
  const status = async (): Promise<JsonObject> => ({
    version,
    boot: store.boot,
    diskThreads: kernel.server.diskThreads,
    threadPool: Number(process.env["UV_THREADPOOL_SIZE"] ?? 4),
    disks: (await disks.list()).length,
  });
  const inspection: Inspection = {
    functions: () => descriptions,
    plugins: () => kernel.plugins,
    instances: () => kernel.instances,
    configuration: () => shownConfiguration(configuration) as unknown as JsonObject,
    status,
    async metrics() {
      const links = await threads.running();
      const others = await Promise.all(links.map((link) => link.request("metrics.read", {})));
      return metricsText([await metrics.asJson(), ...others]);
    },
    demandStrategy(id) {
      const known = kernel.all(MigrationStrategy).map((strategy) => strategy.id);
      if (!known.includes(id))
        throw new CodedError("strategy-not-found", { strategy: id, known: known.join(", ") || "none" });
    },
    async digest(disk, hash) {
      const link = await threads.link(open.threadOf(disk));
      return (await link.request("disks.digest", { disk, hash })).digest;
    },
  };
  const own = new Map<symbol, unknown>([
    [DiskServiceToken, disks],
    [StoresToken, stores],
    [StoreToken, store],
    [JobsToken, jobs],
    [MigrationsToken, { host, times: new CommitTime() }],
    [InspectionToken, inspection],
  ]);

  const stopping = new AbortController();
  const door = createFrontDoor({
    functions: kernel.functions,
    store,
    events,
    resolve,
    startJob(declared, input, { idempotency }) {
      stopping.signal.throwIfAborted();
      return jobs.start({ declared, uses: usesOf(declared, resolve) }, input, {
        ...(idempotency && { idempotency }),
      });
    },
    context: (signal) => ({
      signal: AbortSignal.any([signal, stopping.signal]),
      clock,
      log,
      resource: async (resource) => void (await store.resources.record(resource)),
    }),
    audit: log,
    onFailure({ function: task, error }) {
      if (["internal", "unavailable"].includes(kindOf(error, codebook)))
        reports
          .record({ task, disks: [], error })
          .catch((reason: unknown) => log.error("a report was lost", { reason: String(reason) }));
    },
  });
  late.door = door;
  const descriptions = await door.functions();
  undo.push(() => jobs.stop());

  await collector.collect();
  await disks.recover();
  await jobs.recover();
  await shared.start();
  undo.push(() => shared.stop());
  const triggers = createTriggers({
    functions: kernel.functions,
    events,
    invoke: async (name, input, call = {}) => (await door.invoke(name, input, call)).output,
    clock,
    log,
  });
  triggers.start();
  undo.push(() => triggers.stop());

  let closed: Promise<void> | undefined;
  const close = async () => {
    stopping.abort(new CodedError("server-stopping", {}));
    for (const step of undo.reverse())
      await step().catch((reason: unknown) => log.warn("stopping failed", { reason: String(reason) }));
  };
  const engine: Engine = {
    ...door,
    health: async () => ({ ready: !stopping.signal.aborted, version, details: await status() }),
    close() {
      closed ??= close();
      return closed;
    },
  };
  return { engine, server: kernel.server, codebook, killDiskThread: (thread) => threads.kill(thread) };
}

const started = <T>(value: T | undefined): T => {
  if (value === undefined)
    throw new CodedError("function-unavailable", {
      function: "the engine",
      reason: "it has not started yet",
    });
  return value;
};

const theOnly = (catalogs: readonly Catalog[]): Catalog => {
  const [catalog] = catalogs;
  if (catalog === undefined)
    throw new CodedError("instance-not-found", { what: "Catalog", id: "any", known: "none" });
  return catalog;
};

const usesOf = (declared: RunnableJob["declared"], resolve: (token: ExtensionPoint<unknown>) => unknown) =>
  Object.fromEntries(Object.entries(declared.uses ?? {}).map(([name, token]) => [name, resolve(token)]));

function jobFunction(
  kernel: Kernel,
  name: string,
  resolve: (token: ExtensionPoint<unknown>) => unknown,
): RunnableJob | undefined {
  const declared = kernel.functions.find(({ function: one }) => one.name === name)?.function;
  return declared?.kind === "job" ? { declared, uses: usesOf(declared, resolve) } : undefined;
}

const datastoreIds = ({ values }: RawConfiguration): readonly string[] =>
  Object.keys((values["datastores"] ?? {}) as object);

/** A missing root is refused, for a mount may be missing; only the default one is made. */
async function makeDefaultDatastore({ values, dataDir }: RawConfiguration): Promise<void> {
  const root = join(dataDir, "disks");
  const { datastores } = values as { datastores?: { default?: { root?: string } } };
  if (datastores?.default?.root === root) await mkdir(root, { recursive: true, mode: 0o700 });
}

interface HostParts {
  readonly store: Store;
  readonly log: Log;
  readonly probe: Probe;
  readonly stores: Stores;
  readonly open: OpenDisks;
  readonly publish: MigrationHost["publish"];
}

const migrationHost = ({ store, log, probe, stores, open, publish }: HostParts): MigrationHost => ({
  store,
  clock: systemClock,
  log,
  probe,
  publish,
  layers: {
    create: (datastore, spec) => stores.create(datastore, spec),
    stamp: (ref, stamp) => stores.stamp(ref, stamp),
    remove: (ref) => stores.remove(ref),
  },
  handle: (disk) => open.handle(disk),
  serial: (ids, work) => open.serial(ids, work),
  opened: (disk) => open.opened(disk),
  moved: (disk) => open.moved(disk),
  async reachable(disk, datastore) {
    if (open.threadOf(disk) !== 0 && (await stores.isProcessLocal(datastore)))
      throw new CodedError("datastore-process-local", { datastore, disk });
  },
});
