/** The plugins that are always known, by id: each is imported by name, exactly like a stranger's. */
export const builtIns: ReadonlyMap<string, () => Promise<unknown>> = new Map(
  Object.entries({
    "catalog-sqlite": () => import("pagurus/plugins/catalog-sqlite"),
    "datastore-local": () => import("pagurus/plugins/datastore-local"),
    "datastore-memory": () => import("pagurus/plugins/datastore-memory"),
    "datastore-minio": () => import("pagurus/plugins/datastore-minio"),
    engine: () => import("./functions/plugin.ts"),
    "dirty-block-migration": () => import("pagurus/plugins/dirty-block-migration"),
    "export-nbd": () => import("pagurus/plugins/export-nbd"),
    "hash-sha256": () => import("pagurus/plugins/hash-sha256"),
    "hash-xxh64": () => import("pagurus/plugins/hash-xxh64"),
    "sink-log": () => import("pagurus/plugins/sink-log"),
  }),
);
