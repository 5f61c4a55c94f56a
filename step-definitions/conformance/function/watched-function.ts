import { existsSync } from "node:fs";
import type { CallContext, JobContext, JsonObject, PluginFunction, ResourceRef } from "pagurus";

/** What a function did while it ran once. */
export interface Run {
  /** How its `run` ended; `undefined` while it goes on. */
  ended: { readonly output: unknown } | { readonly error: unknown } | undefined;
  readonly progress: JsonObject[];
  /** Resources whose path was there already when they were journalled. */
  readonly madeTooEarly: ResourceRef[];
  /** How often it has asked its context for something. */
  touches: number;
}

export interface Watch {
  readonly run: Run;
  /** Called with each touch, before what was asked for is done. */
  touched(touch: number, context: CallContext): Promise<void>;
  /** Whether it is looked at yet: what an example needs may come from the same function. */
  begun(): boolean;
  /** Called as its `run` begins. */
  began(context: CallContext): void;
}

/** The function, watched; it does what it does. */
export const watchedFunction = (declared: PluginFunction, watch: Watch): PluginFunction => {
  const { run } = watch;
  const ending = async <T>(work: () => Promise<T> | T): Promise<T> => {
    try {
      const output = await work();
      run.ended = { output };
      return output;
    } catch (error) {
      run.ended = { error };
      throw error;
    }
  };
  if (declared.kind === "call")
    return {
      ...declared,
      run(...[input, uses, context]: Parameters<typeof declared.run>) {
        if (!watch.begun()) return declared.run(input, uses, context);
        watch.began(context);
        return ending(() => declared.run(input, uses, watchedContext(context, watch)));
      },
    };
  return {
    ...declared,
    run(...[input, uses, job]: Parameters<typeof declared.run>) {
      if (!watch.begun()) return declared.run(input, uses, job);
      watch.began(job);
      return ending(() => declared.run(input, uses, watchedJob(job, watch)));
    },
  };
};

const watchedContext = (context: CallContext, watch: Watch): CallContext => ({
  ...context,
  clock: {
    now: () => context.clock.now(),
    monotonicMs: () => context.clock.monotonicMs(),
    after: (ms, then) => context.clock.after(ms, then),
    async sleep(ms, signal) {
      await touch(context, watch);
      await context.clock.sleep(ms, signal);
    },
  },
  async resource(resource) {
    if (pathsIn(resource.ref).some((path) => existsSync(path))) watch.run.madeTooEarly.push(resource);
    await touch(context, watch);
    await context.resource(resource);
  },
});

const watchedJob = (job: JobContext, watch: Watch): JobContext => ({
  ...watchedContext(job, watch),
  id: job.id,
  disks: job.disks,
  signal: job.signal,
  log: job.log,
  async step(name, work, options) {
    await touch(job, watch);
    return job.step(name, work, options);
  },
  progress(progress) {
    watch.run.progress.push(progress);
    job.progress(progress);
  },
});

const touch = async (context: CallContext, { run, touched }: Watch): Promise<void> => {
  run.touches += 1;
  await touched(run.touches, context);
};

const pathsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.startsWith("/") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(pathsIn) : [];
};
