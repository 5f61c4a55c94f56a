import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usualDeadlines } from "./phases.ts";
import { SubjectChild } from "./subject-child.ts";

/** How long a plugin's module may take to load where nothing else is done with it. */
const LOAD_MS = 10_000;

/** What loading a plugin does to a process of its own. */
interface LoadedAlone {
  /** How it ended the process, or kept it from going on. */
  readonly fatal?: string;
  readonly printed?: string;
}

const unended = (text: string | undefined): string | undefined => text?.replace(/\.$/, "");

/** Loads a plugin in a process of its own, to see what that does to a process; what it throws is not told. */
export const loadAlone = async (plugin: string, cwd: string): Promise<LoadedAlone> => {
  const dataDir = await mkdtemp(join(tmpdir(), "pagurus-"));
  const child = new SubjectChild({
    deadlines: { ...usualDeadlines, load: LOAD_MS },
    signal: new AbortController().signal,
  });
  try {
    const outcome = await child.ask({ do: "load", request: { plugin, config: {}, cwd, dataDir } });
    const isFatal = "mishap" in outcome && outcome.mishap.threw === undefined;
    const printed = unended(child.printed?.message);
    return {
      ...(isFatal && { fatal: unended(outcome.mishap.message) ?? "" }),
      ...(printed !== undefined && { printed }),
    };
  } finally {
    await child.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
};
