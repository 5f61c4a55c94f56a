import { AsyncLocalStorage } from "node:async_hooks";
import type { CallKey, IdempotencyTable, TokenTable } from "../../catalog/index.ts";
import {
  type CallContext,
  CodedError,
  type Engine,
  type ExtensionPoint,
  type FunctionDescription,
  type Invocation,
  type InvokeOptions,
  type Json,
  type Log,
  type PluginFunction,
} from "../../contract/index.ts";
import { observationOf, task } from "../../observations/index.ts";
import type { EventHub } from "../events/index.ts";
import { authenticate, type Caller, permit } from "./authentication.ts";
import { describe, type RegisteredFunction } from "./describe.ts";
import { answerOf, once } from "./idempotency.ts";
import { locationOf } from "./location.ts";
import { validInput, validOutput } from "./validation.ts";

export type JobFunction = Extract<PluginFunction, { kind: "job" }>;

/** A job as `jobs.show` answers it. */
export interface JobAnswer {
  readonly id: string;
}

/** A function that was allowed to run and failed; one that another function called is that one's affair. */
export interface FunctionFailure {
  readonly function: string;
  readonly error: unknown;
}

export interface FrontDoorOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly store: {
    readonly tokens: Pick<TokenTable, "findByHash">;
    readonly idempotency: Pick<IdempotencyTable, "begin" | "finish" | "drop">;
  };
  readonly events: Pick<EventHub, "subscribe">;
  /** What a function's `uses` are filled with. */
  resolve(token: ExtensionPoint<unknown>): unknown;
  /**
   * Makes the job durable and lets it run. With `idempotency`, `answerFor` gives what is stored under the key, for a
   * store that does so in the transaction that makes the job.
   */
  startJob(
    declared: JobFunction,
    input: unknown,
    options: { readonly idempotency?: CallKey & { answerFor(job: JobAnswer): Json } },
  ): Promise<JobAnswer>;
  context(signal: AbortSignal): CallContext;
  readonly audit: Log;
  onFailure(failure: FunctionFailure): void;
}

/** The half of the in-process engine that callers meet. */
export type FrontDoor = Pick<Engine, "functions" | "invoke" | "events">;

/** Validates, authenticates, remembers idempotency keys and audits; nothing else does. */
export const createFrontDoor = (options: FrontDoorOptions): FrontDoor => {
  const { store, events, audit } = options;
  const descriptions = describe(options.functions);
  const entries = options.functions.map(
    ({ function: declared }, n) => [declared.name, { declared, description: descriptions[n] }] as const,
  );
  const entryByName = new Map(entries);

  const invoke = async (name: string, input: unknown, call: InvokeOptions = {}): Promise<Invocation> => {
    const caller = await authenticate(store.tokens, call.token);
    const { declared, description } = entryByName.get(name) ?? {};
    if (declared === undefined || description === undefined)
      throw new CodedError("function-not-found", { function: name });
    const context = options.context(call.signal ?? new AbortController().signal);
    const run = async () => {
      permit(caller, declared, name);
      const valid = await validInput(declared, input);
      const key = keyOf(caller, call);
      const perform = () => performed({ options, declared, description, descriptions, context }, valid, key);
      if (declared.effect === "read" || key === undefined) return perform();
      return once(store.idempotency, { ...key, function: name, input, at: context.clock.now() }, perform);
    };
    return declared.effect === "read" ? run() : audited({ audit, name, caller, clock: context.clock }, run);
  };

  return {
    invoke,
    async functions({ token } = {}) {
      permit(await authenticate(store.tokens, token), { effect: "read" }, "functions.list");
      return descriptions;
    },
    events(filter, { token, ...from } = {}) {
      // Subscribed at once, so that nothing is lost while the token is looked up.
      const subscription = events.subscribe(filter, from);
      return (async function* () {
        permit(await authenticate(store.tokens, token), { effect: "read" }, "events");
        yield* subscription;
      })();
    },
  };
};

interface Call {
  readonly options: FrontDoorOptions;
  readonly declared: PluginFunction;
  readonly description: FunctionDescription;
  readonly descriptions: readonly FunctionDescription[];
  readonly context: CallContext;
}

/**
 * For which engine this asynchronous context runs a function. One storage for all: each makes every asynchronous step of
 * its process slower for good.
 */
const calling = new AsyncLocalStorage<FrontDoorOptions>();

const keyOf = (caller: Caller, { idempotencyKey }: InvokeOptions): CallKey | undefined =>
  idempotencyKey === undefined ? undefined : { key: idempotencyKey, token: caller?.id ?? null };

/** One task named after the function: whatever fails in it is one chain. */
const performed = async (call: Call, input: unknown, key: CallKey | undefined): Promise<Invocation> => {
  const { options, declared } = call;
  const run = () =>
    declared.kind === "job" ? startedJob(call, declared, input, key) : answered(call, declared, input, key);
  try {
    return await task(declared.name, {}, () => calling.run(options, run));
  } catch (error) {
    if (calling.getStore() !== options) options.onFailure({ function: declared.name, error });
    throw error;
  }
};

const answered = async (
  call: Call,
  declared: Extract<PluginFunction, { kind: "call" }>,
  input: unknown,
  key: CallKey | undefined,
): Promise<Invocation> => {
  const answerTo = (output: unknown) => {
    const location = locationOf(call.description, output, call.descriptions);
    return { kind: "call" as const, output, ...(location !== undefined && { location }) };
  };
  const replay = key && { ...key, answerFor: (output: unknown) => answerOf(answerTo(output)) };
  const context = { ...call.context, ...(replay && { replay }) };
  const output = await validOutput(
    declared,
    await declared.run(input, usesOf(call.options, declared), context),
  );
  return { ...answerTo(output), replayed: false };
};

const startedJob = async (
  { options, context }: Call,
  declared: JobFunction,
  input: unknown,
  key: CallKey | undefined,
): Promise<Invocation> => {
  const answerTo = (job: JobAnswer) => ({
    kind: "job" as const,
    output: job,
    location: `/v1/jobs/${job.id}`,
  });
  await declared.check?.(input, usesOf(options, declared), context);
  const idempotency = key && { ...key, answerFor: (job: JobAnswer) => answerOf(answerTo(job)) };
  const job = await options.startJob(declared, input, idempotency ? { idempotency } : {});
  return { ...answerTo(job), replayed: false };
};

const usesOf = ({ resolve }: FrontDoorOptions, { uses = {} }: PluginFunction) =>
  Object.fromEntries(Object.entries(uses).map(([name, token]) => [name, resolve(token)]));

/** Writes down who changed what, with which outcome; never the input, which may hold secrets. */
const audited = async (
  call: {
    readonly audit: Log;
    readonly name: string;
    readonly caller: Caller;
    readonly clock: CallContext["clock"];
  },
  run: () => Promise<Invocation>,
): Promise<Invocation> => {
  const { audit, name, caller, clock } = call;
  const startedMs = clock.monotonicMs();
  const write = (outcome: string, replayed = false) =>
    audit.info("audit", {
      function: name,
      token: caller?.id ?? null,
      outcome,
      replayed,
      ms: Math.round(clock.monotonicMs() - startedMs),
    });
  try {
    const answer = await run();
    write(answer.kind === "job" ? "started" : "succeeded", answer.replayed);
    return answer;
  } catch (error) {
    write(observationOf(error).code);
    throw error;
  }
};
