import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "../common/bench.ts";
import type { Undo } from "../common/undo.ts";
import { type Moved, moveDisk } from "../servers/migration.ts";
import { startPagurus } from "../servers/pagurus.ts";
import { type CopyMode, type Mirrored, startStorageDaemon } from "../servers/storage-daemon.ts";
import { SLOW_FLUSH_MOVER } from "./works.ts";

/** What a move may cost: only we take such a thing. */
export interface Budgets {
  readonly maxPauseMs: number;
  readonly guestImpact?: number;
}

/** Somebody who moves a disk that can be written meanwhile. */
export interface Mover {
  readonly name: string;
  readonly ours: boolean;
  readonly uri: string;
  move(budgets: Budgets): Promise<Mirrored & Partial<Moved>>;
  /** Moves it where the next move begins, where that isn't where it is. */
  readonly back?: () => Promise<void>;
}

export interface MoverOptions {
  readonly folder: string;
  readonly sizeBytes: number;
  readonly undo: Undo;
}

/** From one local datastore to the other, and the next time back. */
export const pagurusMover = async (
  { signal }: Bench,
  { folder, sizeBytes, undo }: MoverOptions,
): Promise<Mover> => {
  const pagurus = await startPagurus({ folder, signal });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", sizeBytes);
  return {
    name: "pagurus",
    ours: true,
    uri,
    async move(budgets) {
      const { datastore } = await pagurus.show("bench");
      const to = datastore === "left" ? "right" : "left";
      return moveDisk(pagurus, { disk: "bench", to, signal, input: { ...budgets } });
    },
  };
};

/** Into a datastore that takes `flushDelayMs` longer for each flush, and back before the next time. */
export const slowFlushMover = async (
  { signal }: Bench,
  { folder, sizeBytes, undo, flushDelayMs }: MoverOptions & { readonly flushDelayMs: number },
): Promise<Mover> => {
  const root = join(folder, "slow");
  await mkdir(root);
  const pagurus = await startPagurus({
    folder,
    signal,
    plugins: [fileURLToPath(new URL("slow-flush.ts", import.meta.url))],
    datastores: { slow: { plugin: "slow-flush", root, flushDelayMs } },
  });
  undo.add(() => pagurus.stop());
  const { uri } = await pagurus.createDisk("bench", sizeBytes);
  return {
    name: SLOW_FLUSH_MOVER,
    ours: true,
    uri,
    move: (budgets) => moveDisk(pagurus, { disk: "bench", to: "slow", signal, input: { ...budgets } }),
    async back() {
      if ((await pagurus.show("bench")).datastore === "slow")
        await moveDisk(pagurus, { disk: "bench", to: "left", signal });
    },
  };
};

/** QEMU's storage daemon in both of its modes: one process and one disk. */
export const qemuMovers = async (
  bench: Bench,
  { folder, sizeBytes, undo }: MoverOptions,
): Promise<readonly Mover[]> => {
  const limitMs = bench.sized(60, 20) * 1000;
  const daemon = await startStorageDaemon({ folder, sizeBytes, signal: bench.signal, limitMs });
  undo.add(() => daemon.stop());
  return (["background", "write-blocking"] as const).map((mode: CopyMode) => ({
    name: `qemu ${mode}`,
    ours: false,
    uri: daemon.uri,
    move: () => daemon.mirror(mode),
  }));
};
