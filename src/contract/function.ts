import type { z } from "zod";
import type { CallContext, JobContext } from "./context.ts";
import type { CodedError } from "./errors.ts";
import type { ExtensionPoint } from "./extension-point.ts";
import type { JsonObject } from "./json.ts";

/** The methods that a route can have. */
export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** `read` changes nothing, may be repeated, and needs the permission to read; `write` is audited. */
export type Effect = "read" | "write";

/** A call that makes what a function's examples speak of: a disk that they name, a job that they cancel. */
export interface ExampleSetup {
  /** A function of the plugin itself, or of the engine: `disks.create`. */
  readonly call: string;
  /** As in examples, `{tmp}` stands for an empty folder. */
  readonly input: JsonObject;
  /**
   * In texts of later calls and of the examples `{as.field}` stands for that field of the answer, which is a text or a
   * number: `{move.id}`, `{reports.items.0.id}`. Of a job the answer is the one with its `id`, not its result.
   */
  readonly as?: string;
  /**
   * `succeeds` unless told otherwise: anything else is the examples' failure. A job is waited for, but with `goes-on`,
   * which leaves it to run beside the example.
   */
  readonly outcome?: "succeeds" | "fails" | "goes-on";
}

type Uses = Readonly<Record<string, ExtensionPoint<unknown>>>;
type Resolved<U extends Uses> = { readonly [K in keyof U]: U[K] extends ExtensionPoint<infer T> ? T : never };

interface FunctionCommon<I extends z.ZodType, O extends z.ZodType, U extends Uses> {
  /** `nouns.verb`, kebab-case inside; there is one of each name in a server. */
  readonly name: string;
  /** One line for help and OpenAPI. */
  readonly summary: string;
  /** What the summary can't say: what it refuses, what it costs, what it leaves. */
  readonly description?: string;
  readonly effect: Effect;
  /**
   * What a token needs besides the permission that the effect asks for, such as `files`: to have the server's user read
   * and write paths of its machine.
   */
  readonly permissions?: readonly string[];
  /**
   * A strict object, expressible as JSON Schema: no transforms, dates or big integers. A field whose name ends with
   * `Bytes` takes sizes on the command line, one with `Ms` durations.
   */
  readonly input: I;
  readonly output: O;
  /** A route below `/v1` for people, besides `POST /v1/functions/{name}`; `{x}` in the path is the input's field `x`. */
  readonly http?: { readonly method: HttpMethod; readonly path: string };
  /** A call that makes something: 201 with `Location`, and an `Idempotency-Key` is honoured. */
  readonly creates?: boolean;
  readonly cli?: {
    /** Fields that are arguments without a flag, in order. */
    readonly positionals?: readonly string[];
    /** Flags whose name is not what the schema's field gives, field to flag. */
    readonly flags?: Readonly<Record<string, string>>;
    /** Whole command lines, for help. */
    readonly examples?: readonly string[];
    /** A call whose answer is a job: `--wait` follows it to its end. */
    readonly wait?: boolean;
  };
  /**
   * Inputs that it succeeds with in an empty engine with two datastores in memory, `default` and `other`, once the calls
   * of `examplesNeed` were made: the conformance kit does so, again and again, also cancelling it midway. `{tmp}` in a
   * text stands for an empty folder.
   */
  readonly examples?: readonly z.input<I>[];
  /** Calls made in this order before each example, in the same engine; with the same `{tmp}`. */
  readonly examplesNeed?: readonly ExampleSetup[];
  /** What the engine resolves and hands to `run`. */
  readonly uses?: U;
  /**
   * Called, with the event as its input's `event`, whenever an event of such a type is published: one call after
   * another, in order. A call that fails is logged, and its event is not repeated.
   */
  readonly on?: readonly string[];
  /** Called with an empty input so many milliseconds after the end of the call before, and after the start. */
  readonly everyMs?: number;
}

/** A function that answers. */
export interface CallFunction<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  U extends Uses = Uses,
> extends FunctionCommon<I, O, U> {
  readonly kind: "call";
  /**
   * Calls may overlap in time, but for those by event and by interval, which never meet themselves. The input has
   * passed its schema; the output must pass its own, and is JSON. State is kept in the catalog or in a datastore,
   * never here: the server may end at any line. Give up when the context's signal fires.
   */
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
  /**
   * Runs once, after the job is durable: a job that a crash has interrupted is undone or goes `forward`, and is never
   * run again. Gives up soon when the job's signal fires: what was made by its steps is then undone. The output is the
   * job's result, beside the fields that every job has.
   */
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

/** A function as a manifest has it. */
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
  readonly permissions?: readonly string[];
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
/** A JSON Schema 2020-12, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;
