/** What a failure means to whoever caused it. Doors map it to HTTP status, exit code and NBD errno. */
export type ErrorKind = "bad-input" | "not-found" | "conflict" | "unavailable" | "cancelled" | "internal";

/** One entry of the catalogue of codes: how an observation of this code reads, and what to do about it. */
export interface Code {
  readonly kind: ErrorKind;
  /** One sentence without its full stop; `{name}` stands for a value of the observation's data. */
  readonly message: string;
  /** What the reader can do, in one sentence without its full stop. */
  readonly remedy?: string;
  /** Whether the same call may succeed later with nothing changed by the caller. */
  readonly retryable?: boolean;
  /** It says only that something failed: its causes say why, and decide how a door answers. */
  readonly wrapper?: boolean;
}

type Placeholders<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

/** The data that a code's sentences need. */
export type DataOfCode<C extends Code> = {
  readonly [K in Placeholders<C["message"]> | Placeholders<C["remedy"]>]: string | number;
};

/** Types a table of codes literally, so that `new CodedError(code, data)` can check the data. */
export const defineCodes = <const T extends Readonly<Record<string, Code>>>(codes: T): T => codes;
