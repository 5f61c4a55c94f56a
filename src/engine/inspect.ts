import {
  CodedError,
  type FunctionDescription,
  type JsonObject,
  MigrationStrategy,
} from "../contract/index.ts";
import { type Kernel, type RawConfiguration, shownConfiguration } from "../kernel/index.ts";
import type { OpenDisks } from "./disks/open-disks.ts";
import type { Inspection } from "./functions/tokens.ts";
import { metricsText, type ThreadMetrics } from "./metrics.ts";
import type { DiskThreads } from "./threads/disk-threads.ts";

/** What the engine says of itself. */
export const inspectionOf = ({
  kernel,
  configuration,
  metrics,
  threads,
  open,
  functions,
  status,
}: {
  readonly kernel: Kernel;
  readonly configuration: RawConfiguration;
  readonly metrics: ThreadMetrics;
  readonly threads: DiskThreads;
  readonly open: OpenDisks;
  readonly functions: () => readonly FunctionDescription[];
  readonly status: () => Promise<JsonObject>;
}): Inspection => ({
  functions,
  status,
  plugins: () => kernel.plugins,
  instances: () => kernel.instances,
  configuration: () => shownConfiguration(configuration) as unknown as JsonObject,
  async metrics() {
    const links = await threads.running();
    // A thread that ends meanwhile has nothing to tell any more.
    const others = await Promise.allSettled(links.map((link) => link.request("metrics.read", {})));
    const told = others.flatMap((other) => (other.status === "fulfilled" ? [other.value] : []));
    return metricsText([await metrics.asJson(), ...told]);
  },
  demandStrategy(id) {
    const strategies = kernel.all(MigrationStrategy);
    const found = strategies.find((strategy) => strategy.id === id);
    if (found !== undefined) return found;
    const known = strategies.map((strategy) => strategy.id).join(", ") || "none";
    throw new CodedError("strategy-not-found", { strategy: id, known });
  },
  async digest(disk, hash) {
    const link = await threads.link(open.threadOf(disk));
    return (await link.request("disks.digest", { disk, hash })).digest;
  },
});
