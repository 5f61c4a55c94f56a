import type { MessagePort } from "node:worker_threads";
import { Clock, Log, Metrics } from "../../contract/index.ts";
import { type BuiltIns, createKernel, type RawConfiguration } from "../../kernel/index.ts";
import { createMetrics } from "../metrics.ts";
import { systemClock } from "../system-clock.ts";
import { DiskPlane } from "./disk-plane.ts";
import type { PlaneEvent } from "./messages.ts";
import { eventsTo, servePlane } from "./serve-plane.ts";

/** Makes a disk plane in this thread and lets it be asked through the port. Resolves when it can be. */
export async function createPlane(
  port: MessagePort,
  configuration: RawConfiguration,
  builtIns: BuiltIns,
): Promise<void> {
  const emit = eventsTo(port);
  const metrics = createMetrics();
  const kernel = await createKernel({
    configuration,
    plane: "disk",
    services: [
      [Log, logTo(emit)],
      [Clock, systemClock],
      [Metrics, metrics.service],
    ],
    builtIns,
  });
  await kernel.start();
  servePlane(port, new DiskPlane({ kernel, clock: systemClock, emit, metrics }));
}

/** Log lines travel to the control plane, which has the one log. */
const logTo = (emit: (event: PlaneEvent) => void): Log => {
  const line =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, data: Readonly<Record<string, unknown>> = {}) =>
      emit({ event: "log", level, message, data: JSON.parse(JSON.stringify(data)) });
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
};
