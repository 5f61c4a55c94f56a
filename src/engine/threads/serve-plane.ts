import type { MessagePort } from "node:worker_threads";
import type { JsonObject } from "../../contract/index.ts";
import { errorOf, observationOf, task } from "../../observations/index.ts";
import type { DiskPlane } from "./disk-plane.ts";
import type { PlaneEvent, Reply, Request } from "./messages.ts";

/** Answers what arrives at the port; every request is a task of its own whose failure goes back as its observation. */
export function servePlane(port: MessagePort, plane: DiskPlane): void {
  const running = new Map<number, AbortController>();
  const send = (reply: Reply) => port.postMessage(reply);
  port.on("message", async (request: Request) => {
    if ("cancel" in request) {
      running.get(request.cancel)?.abort(errorOf(request.reason));
      return;
    }
    const { id, command, input } = request;
    const abort = new AbortController();
    const progress = (said: JsonObject) => send({ id, progress: said });
    running.set(id, abort);
    try {
      send({
        id,
        answer: await task(command, {}, () => plane.run(command, input, { signal: abort.signal, progress })),
      });
    } catch (error) {
      send({ id, failure: observationOf(error) });
    } finally {
      running.delete(id);
    }
  });
}

/** What the plane says unasked goes out of the same port, in the same order. */
export const eventsTo =
  (port: MessagePort) =>
  (event: PlaneEvent): void =>
    port.postMessage(event satisfies Reply);
