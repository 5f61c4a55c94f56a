/**
 * The process of one acceptance run, started by `run-process.ts`: Cucumber can be ended by nothing but the end of its
 * process.
 */

import { observationOf } from "../observations/index.ts";
import type { RunMessage, RunRequest } from "./messages.ts";
import { runCheckout } from "./run-checkout.ts";
import { runSubject } from "./run-subject.ts";

const tell = (message: RunMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });

const stopping = new AbortController();

// The run was cancelled or its server has died: it goes with all that it has started. What is put to the test lives in
// groups of its own, which the kit ends.
process.on("disconnect", () => {
  stopping.abort();
  process.kill(-process.pid, "SIGKILL");
});

process.once("message", async (request: RunRequest) => {
  const hear = (message: RunMessage) => void tell(message);
  try {
    const end = await (request.subject === undefined
      ? runCheckout(request, hear)
      : runSubject(request, request.subject, { hear, signal: stopping.signal }));
    await tell({ kind: "ended", ...end });
  } catch (error) {
    await tell({ kind: "failed", failure: observationOf(error) });
  }
  process.exit();
});
