import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { resolve } from "import-meta-resolve";
import type { Observation } from "../../contract/index.ts";
import type { BuiltIns, RawConfiguration } from "../../kernel/index.ts";
import { errorOf } from "../../observations/index.ts";
import { createPlane } from "./create-plane.ts";

/** A disk plane that can be asked through `port`. */
export interface StartedPlane {
  readonly port: MessagePort;
  /** Resolves when the thread is really gone, with what ended it; never in the in-thread form. */
  readonly exited: Promise<unknown>;
  /** Ends the thread at once: for one that does not answer any more, and for tests. */
  kill(): Promise<void>;
}

/** The plane in this very thread, over a channel all the same. */
export async function startInThread(
  configuration: RawConfiguration,
  builtIns: BuiltIns,
): Promise<StartedPlane> {
  const { port1, port2 } = new MessageChannel();
  await createPlane(port2, configuration, builtIns);
  return { port: port1, exited: new Promise(() => undefined), kill: async () => port2.close() };
}

/** The plane in a thread of its own. A kernel that fails to start there fails this call, not the server. */
export async function startWorker(configuration: RawConfiguration): Promise<StartedPlane> {
  const { port1, port2 } = new MessageChannel();
  const worker = createWorker({ port: port2, configuration }, [port2]);
  let cause: unknown;
  worker.on("error", (error) => {
    cause = error;
  });
  // Not `once`: that rejects, and is never told of the exit, when an error ends the thread.
  const exited = new Promise<unknown>((resolve) => {
    worker.on("exit", (code) => resolve(cause ?? `it ended with code ${code}`));
  });
  const started = once(worker, "message").then(([message]) => message as Started);
  const ended = exited.then((reason) => {
    throw reason;
  });
  const { failure } = await Promise.race([started, ended]);
  if (failure !== undefined) {
    await worker.terminate();
    throw errorOf(failure);
  }
  return { port: port1, exited, kill: async () => void (await worker.terminate()) };
}

/** What the entry says first, apart from the port: nothing may be read from that before somebody listens. */
interface Started {
  readonly failure?: Observation;
}

/**
 * Node 20 can't start a worker from a `.ts` file, not even under a loader; from sources the thread registers the
 * loader itself. The one place where threads are started.
 */
function createWorker(workerData: unknown, transferList: MessagePort[]): Worker {
  if (!import.meta.url.endsWith(".ts"))
    return new Worker(new URL("./entry.js", import.meta.url), { workerData, transferList });
  const entry = new URL("./entry.ts", import.meta.url).href;
  // Named in full: an evaluated script would look for it from the working directory.
  const loader = resolve("tsx/esm/api", import.meta.url);
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(entry)}); })`;
  return new Worker(code, { eval: true, workerData, transferList });
}
