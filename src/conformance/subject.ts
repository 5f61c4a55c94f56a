import type { JsonObject } from "../contract/index.ts";
import type { SubjectFacts } from "./conformance.ts";
import type { Mishap } from "./phases.ts";
import type { PluginRequest } from "./plugin-under-test.ts";
import type { SubjectChild } from "./subject-child.ts";

/** What is put to the test, and how it is opened. */
export interface Subject extends SubjectFacts {
  /** With `{tmp}` as it was given. */
  readonly request: Omit<PluginRequest, "dataDir">;
  /** A process that has loaded the plugin already. */
  readonly child?: SubjectChild;
  /** Why there is nothing to run. */
  readonly mishap?: Mishap;
}

/** What a configuration has in place of a fresh folder. */
const TMP = "{tmp}";

/** Whether the subject keeps what it is given in fresh folders alone, and so none of it outlives the run. */
export const isFresh = ({ config }: { readonly config: JsonObject }): boolean =>
  Object.keys(config).length === 0 || JSON.stringify(config).includes(TMP);

/** The request with a folder of its own. */
export const requestIn = (folder: string, request: Subject["request"]): PluginRequest => ({
  ...request,
  config: JSON.parse(JSON.stringify(request.config).replaceAll(TMP, folder)) as JsonObject,
  dataDir: folder,
});
