/** For tests: a store on a real catalog in a directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteCatalog } from "../../plugins/catalog-sqlite/catalog.ts";
import type { Catalog, Clock } from "../contract/index.ts";
import type { NewDisk } from "./disk-table.ts";
import { newId } from "./new-id.ts";
import { openStore, type Store } from "./store.ts";

/** Each reading is a millisecond later than the one before. */
export const countingClock = (): Clock => {
  let now = 1_000;
  const tick = () => {
    now += 1;
    return now;
  };
  return { now: tick, monotonicMs: tick, sleep: async () => {}, after: () => () => {} };
};

/** A catalog at `path`, started. */
export const startedCatalog = async (path: string): Promise<SqliteCatalog> => {
  const catalog = new SqliteCatalog("catalog", path);
  await catalog.start();
  return catalog;
};

export interface ScratchStore extends AsyncDisposable {
  readonly path: string;
  readonly store: Store;
  /** Closes the store and opens it again, as the next run of a server does. */
  reopen(): Promise<Store>;
}

/** `through` may put something between the catalog and the store. */
export const scratchStore = async (
  through: (catalog: Catalog) => Catalog = (catalog) => catalog,
): Promise<ScratchStore> => {
  const directory = mkdtempSync(join(tmpdir(), "pagurus-store-"));
  const path = join(directory, "catalog.db");
  const clock = countingClock();
  const open = async () => openStore(through(await startedCatalog(path)), { clock });
  let store = await open();
  return {
    path,
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
};

/** A disk that nothing is wrong with. */
export const newDisk = (name: string): NewDisk => ({
  id: newId("dsk"),
  name,
  sizeBytes: 2 ** 50,
  blockSizes: { minimum: 512, preferred: 4_096, maximum: 33_554_432 },
  layer: { datastore: "a", layer: newId("lay") },
});

/** Inserts disks and makes them available; answers their ids. */
export const availableDisks = async (store: Store, ...names: string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const name of names) {
    const { id } = await store.disks.insert(newDisk(name));
    await store.disks.setState(id, "available");
    ids.push(id);
  }
  return ids;
};

/** Inserts a running job on the disks; answers its id. */
export const runningJob = async (store: Store, disks: readonly string[] = []): Promise<string> => {
  const { id } = await store.jobs.insert({
    id: newId("job"),
    function: "migrations.start",
    input: {},
    disks,
  });
  await store.jobs.start(id);
  return id;
};
