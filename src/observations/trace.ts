import type { ErrorKind } from "../contract/codes/index.ts";
import type { Observation } from "../contract/observation.ts";

const key = Symbol.for("pagurus/observed");

/** How another server words a failure and what it means there: it knows codes of plugins that nobody here has. */
export interface Told {
  readonly detail: string;
  readonly kind: ErrorKind;
  readonly status: number;
  readonly retryable: boolean;
}

/** What is known of an error object besides what it says itself. */
interface Trace {
  readonly told?: Told;
  /** It stands for an observation that came from elsewhere. */
  readonly origin?: Observation;
  /** What the outermost task that it ended observed; `shared` once it has ended several unrelated ones. */
  readonly outermost?: Observation | "shared";
}
type Traced = object & { [key]?: Trace };

const isObject = (error: unknown): error is Traced => typeof error === "object" && error !== null;

export const traceOf = (error: unknown): Trace => (isObject(error) && error[key]) || {};

/** Leaves no trace on what can't carry one: a primitive, a frozen object. */
export function leaveTrace(error: unknown, trace: Trace): void {
  if (!isObject(error) || !Object.isExtensible(error)) return;
  Object.defineProperty(error, key, {
    value: { ...traceOf(error), ...trace },
    enumerable: false,
    configurable: true,
  });
}
