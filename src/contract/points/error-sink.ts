import { extensionPoint } from "../extension-point.ts";
import type { Report } from "../observation.ts";
import type { Lifecycle } from "../plugin.ts";

/**
 * Where reports go. The engine hands over one report at a time, in the order in which they came up, and no task waits
 * for it: a sink that fails, or takes longer than `signal` allows, has lost that report. The loss is counted and logged,
 * the report stays in the catalog, and the next one is handed over as if nothing had happened.
 */
export interface ErrorSink extends Lifecycle {
  readonly id: string;
  /**
   * Ends when the report has arrived: nothing of it is left to be done at a stop. Fails where it didn't arrive, also
   * after `stop`. The report is read, never changed. Its texts may hold anything, also what would look like another
   * report or steer a terminal; secrets are redacted already. `signal` fires when nobody waits for it any longer.
   */
  deliver(report: Report, options: { readonly signal: AbortSignal }): Promise<void> | void;
}
export const ErrorSink = extensionPoint<ErrorSink>("error-sink");
