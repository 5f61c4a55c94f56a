import { OtherProcesses } from "pagurus/conformance";
import { AfterAll } from "pagurus/steps";

/** How long a step may take that starts processes or looks at many states. */
export const PROCESS_MS = 120_000;

/** The other processes of this run's scenarios. */
export const otherProcesses = new OtherProcesses();
/** Those whose system calls are traced. */
export const tracedProcesses = new OtherProcesses({ traced: true });

AfterAll(async () => {
  await otherProcesses.end();
  await tracedProcesses.end();
});
