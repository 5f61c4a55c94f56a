import { extensionPoint } from "../extension-point.ts";
import type { Report } from "../observation.ts";
import type { Lifecycle } from "../plugin.ts";

/** Where reports go. A sink that fails changes nothing else: the report stays in the catalog. */
export interface ErrorSink extends Lifecycle {
  readonly id: string;
  /** Secrets are redacted already. */
  deliver(report: Report): Promise<void> | void;
}
export const ErrorSink = extensionPoint<ErrorSink>("error-sink");
