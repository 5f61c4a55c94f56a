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

// Its server has died, and nobody hears it any more: it goes with all that it has started.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));

process.once("message", async (request: RunRequest) => {
  const hear = (message: RunMessage) => void tell(message);
  try {
    const end = await (request.subject === undefined
      ? runCheckout(request, hear)
      : runSubject(request, request.subject, hear));
    await tell({ kind: "ended", ...end });
  } catch (error) {
    await tell({ kind: "failed", failure: observationOf(error) });
  }
  process.exit();
});
