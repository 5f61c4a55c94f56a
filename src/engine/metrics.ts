import client, { type Counter as PromCounter, type Gauge as PromGauge } from "prom-client";
import type { JsonObject, Metrics } from "../contract/index.ts";

/** One thread's metrics. */
export interface ThreadMetrics {
  readonly registry: client.Registry;
  readonly service: Metrics;
  /** For the control plane, which adds up those of all threads. */
  readonly asJson: () => Promise<readonly JsonObject[]>;
}

export function createMetrics(): ThreadMetrics {
  const registry = new client.Registry();
  const named = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const service: Metrics = {
    counter(name, help, labels = []) {
      const counter =
        (registry.getSingleMetric(name) as PromCounter | undefined) ??
        new client.Counter(named(name, help, labels));
      return { add: (amount, values = {}) => counter.inc({ ...values }, amount) };
    },
    gauge(name, help, labels = []) {
      const gauge =
        (registry.getSingleMetric(name) as PromGauge | undefined) ??
        new client.Gauge(named(name, help, labels));
      return { set: (value, values = {}) => gauge.set({ ...values }, value) };
    },
  };
  return {
    registry,
    service,
    asJson: async () => JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())),
  };
}

/** Memory, processor time and event loop of this process, for the one thread that tells of them. */
export function describeProcess(metrics: ThreadMetrics): void {
  client.collectDefaultMetrics({ register: metrics.registry });
}

/** The threads' metrics as one text in Prometheus' format. */
export async function metricsText(threads: readonly (readonly JsonObject[])[]): Promise<string> {
  return client.AggregatorRegistry.aggregate(threads as unknown as object[]).metrics();
}
