import type { ExtensionPoint, PluginFunction } from "../contract/index.ts";
import type { RunnableJob } from "../jobs/index.ts";
import type { Kernel } from "../kernel/index.ts";

export type Resolve = (token: ExtensionPoint<unknown>) => unknown;

/** A job's function with what it uses. */
export const runnable = (
  declared: Extract<PluginFunction, { kind: "job" }>,
  resolve: Resolve,
): RunnableJob => ({
  declared,
  uses: Object.fromEntries(
    Object.entries(declared.uses ?? {}).map(([name, token]) => [name, resolve(token)]),
  ),
});

/** The same by name; `undefined` where no plugin has such a job. */
export function runnableNamed(kernel: Kernel, name: string, resolve: Resolve): RunnableJob | undefined {
  const declared = kernel.functions.find(({ function: one }) => one.name === name)?.function;
  return declared?.kind === "job" ? runnable(declared, resolve) : undefined;
}
