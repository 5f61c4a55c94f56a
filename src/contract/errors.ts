import type { CodeData } from "./codes/index.ts";

const brand = Symbol.for("pagurus/coded-error");

/** A failure that can't be told in full is still that failure, never another one. */
const textOf = (data: Readonly<Record<string, unknown>>): string => {
  try {
    return JSON.stringify(data);
  } catch {
    return "";
  }
};

/**
 * The only way to report a failure: a code of the catalogue and its data; the sentence for people is made from
 * them where it is shown. The enclosing task scope turns it into an observation.
 *
 * @example throw new CodedError("disk-in-use", { disk: "web", user: "job 7" }, { cause });
 */
export class CodedError<C extends string = string> extends Error {
  override readonly name = "CodedError";
  readonly [brand] = true;
  readonly code: C;
  /** Plain JSON: what the failing function was given or had read. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: C, data: CodeData<C>, options?: ErrorOptions) {
    super(`${code} ${textOf(data)}`, options);
    this.code = code;
    this.data = data;
  }

  /** Recognises errors made by another copy of this package too, where `instanceof` would not. */
  static is<K extends string = string>(error: unknown, code?: K): error is CodedError<K> {
    return (
      typeof error === "object" &&
      error !== null &&
      brand in error &&
      (code === undefined || (error as CodedError).code === code)
    );
  }
}

/** What went wrong in a few words, of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
