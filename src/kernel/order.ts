import { CodedError } from "../contract/errors.ts";
import type { Instance } from "./instances.ts";
import { provides } from "./requirements.ts";

/** An instance and those whose objects it may use from its own start on. */
export interface Ordered {
  readonly instance: Instance;
  readonly after: readonly Instance[];
}

/** The instances with each one after those that provide what it requires; `plugin-cycle`. */
export function inOrder(instances: readonly Instance[]): readonly Ordered[] {
  const ordered: Ordered[] = [];
  const visit = (instance: Instance, path: readonly Instance[]): void => {
    if (ordered.some((done) => done.instance === instance)) return;
    if (path.includes(instance)) throw cycle([...path.slice(path.indexOf(instance)), instance]);
    const after = (instance.plugin.requires ?? []).flatMap((point) =>
      instances.filter((provider) => provides(provider, instance, point)),
    );
    for (const provider of after) visit(provider, [...path, instance]);
    ordered.push({ instance, after });
  };
  for (const instance of instances) visit(instance, []);
  return ordered;
}

const cycle = (path: readonly Instance[]) =>
  new CodedError("plugin-cycle", { path: path.map(({ plugin }) => plugin.id).join(" → ") });
