import type { z } from "zod";
import type { CallContext, JobContext } from "./context.ts";
import type { CodedError } from "./errors.ts";
import type { ExtensionPoint } from "./extension-point.ts";

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Effect = "read" | "write";

type Uses = Readonly<Record<string, ExtensionPoint<unknown>>>;
type Resolved<U extends Uses> = { readonly [K in keyof U]: U[K] extends ExtensionPoint<infer T> ? T : never };

interface FunctionCommon<I extends z.ZodType, O extends z.ZodType, U extends Uses> {
  /** `nouns.verb`, kebab-case inside. */
  readonly name: string;
  /** One line for help and OpenAPI. */
  readonly summary: string;
  readonly description?: string;
  readonly effect: Effect;
  readonly input: I;
  readonly output: O;
  /** A route for people, besides `POST /v1/functions/{name}`; `{x}` in the path is the input's field `x`. */
  readonly http?: { readonly method: HttpMethod; readonly path: string };
  /** A call that makes something: 201 with `Location`, and an `Idempotency-Key` is honoured. */
  readonly creates?: boolean;
  readonly cli?: {
    readonly positionals?: readonly string[];
    /** Flags whose name is not what the schema's field gives, field to flag. */
    readonly flags?: Readonly<Record<string, string>>;
    readonly examples?: readonly string[];
    /** A call whose answer is a job: `--wait` follows it to its end. */
    readonly wait?: boolean;
  };
  /** What the engine resolves and hands to `run`. */
  readonly uses?: U;
  /** Called, with the event as its input's `event`, whenever such an event is published. */
  readonly on?: readonly string[];
  /** Called with an empty input once per interval. */
  readonly everyMs?: number;
}

/** A function that answers. */
export interface CallFunction<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  U extends Uses = Uses,
> extends FunctionCommon<I, O, U> {
  readonly kind: "call";
  run(input: z.output<I>, uses: Resolved<U>, context: CallContext): Promise<z.input<O>> | z.input<O>;
}

/** A function that answers with a durable job at once and goes on in the background. */
export interface JobFunction<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  U extends Uses = Uses,
> extends FunctionCommon<I, O, U> {
  readonly kind: "job";
  /** Names or ids of the disks that the job holds until it ends; two jobs never hold the same disk. */
  disks?(input: z.output<I>): readonly string[];
  /** Refuses, before a job exists, what the schemas and the catalog know to be wrong. */
  check?(input: z.output<I>, uses: Resolved<U>, context: CallContext): Promise<void> | void;
  run(input: z.output<I>, uses: Resolved<U>, job: JobContext): Promise<z.input<O>>;
  /** What the job's failure is called in its report: a code around the cause. */
  failure?(input: z.output<I>, cause: unknown): CodedError;
  /**
   * A job interrupted by a crash is rolled back, unless its journal has the state `from`: then it can only go
   * forward, and `resume` does what is left. Everything in it must bear being done again.
   */
  readonly forward?: {
    readonly from: string;
    resume(input: z.output<I>, uses: Resolved<U>, job: JobContext): Promise<z.input<O>>;
  };
}

export type PluginFunction =
  | CallFunction<z.ZodType, z.ZodType, Uses>
  | JobFunction<z.ZodType, z.ZodType, Uses>;

/**
 * Declares a function of a plugin. Whatever is declared here is an HTTP route, an OpenAPI operation, a command
 * and a callable of the engine.
 */
export function defineFunction<
  I extends z.ZodType,
  O extends z.ZodType,
  const U extends Uses = Record<never, never>,
>(declared: CallFunction<I, O, U>): PluginFunction;
export function defineFunction<
  I extends z.ZodType,
  O extends z.ZodType,
  const U extends Uses = Record<never, never>,
>(declared: JobFunction<I, O, U>): PluginFunction;
export function defineFunction(declared: unknown): PluginFunction {
  return declared as PluginFunction;
}

/** A function as data: what crosses HTTP, and all that doors build on. */
export interface FunctionDescription {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly kind: "call" | "job";
  readonly effect: Effect;
  readonly creates: boolean;
  readonly plugin: string;
  readonly http?: { readonly method: HttpMethod; readonly path: string };
  readonly cli?: {
    readonly positionals?: readonly string[];
    readonly flags?: Readonly<Record<string, string>>;
    readonly examples?: readonly string[];
    readonly wait?: boolean;
  };
  /** JSON Schema 2020-12. */
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}
export type JsonSchema = Readonly<Record<string, unknown>>;
