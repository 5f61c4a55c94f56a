import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { RawConfiguration } from "../../kernel/index.ts";
import { observationOf } from "../../observations/index.ts";
import { builtIns } from "../built-ins.ts";
import { createPlane } from "./create-plane.ts";

/** What a disk thread is started with. */
export interface ThreadData {
  readonly port: MessagePort;
  readonly configuration: RawConfiguration;
}

const { port, configuration } = workerData as ThreadData;
try {
  await createPlane(port, configuration, builtIns);
  parentPort?.postMessage({});
} catch (error) {
  parentPort?.postMessage({ failure: observationOf(error) });
}
