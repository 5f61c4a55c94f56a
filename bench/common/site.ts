import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { type Undo, withUndo } from "./undo.ts";

/** Where one part of a bench works: everything there is taken back afterwards. */
export interface Site {
  readonly place: Place;
  readonly folder: string;
  readonly undo: Undo;
}

export const withSite = <T>(place: Place, work: (site: Site) => Promise<T>): Promise<T> =>
  withUndo(async (undo) => {
    const folder = await mkdtemp(join(place.folder, "site-"));
    undo.add(() => rm(folder, { recursive: true, force: true }));
    return work({ place, folder, undo });
  });
