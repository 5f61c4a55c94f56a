import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../src/contract/index.ts";
import { type DiskPlace, makeFile } from "./peers.ts";
import { Qmp, type QmpEvent } from "./qmp.ts";
import { startListening, unixUri } from "./server.ts";

const PROGRAM = "qemu-storage-daemon";
const JOB = "move";
export type CopyMode = "background" | "write-blocking";

/** A mirror as it went. */
export interface Mirrored {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly bytesCopied: number;
  /** From `block-job-complete` to the end of the job. */
  readonly pauseMs: number;
}

/** QEMU's storage daemon with one disk, a raw file, that it can mirror to another file. */
export interface StorageDaemon {
  readonly uri: string;
  readonly pid: number;
  /** Moves the disk to a fresh file; gives up after a while. */
  mirror(mode: CopyMode): Promise<Mirrored>;
  stop(): Promise<void>;
}

export interface StorageDaemonOptions extends DiskPlace {
  /** How long it may take until the target is near, and again until the disk is there. */
  readonly limitMs: number;
}

export const startStorageDaemon = async (options: StorageDaemonOptions): Promise<StorageDaemon> => {
  const { folder, sizeBytes, signal } = options;
  const socket = join(folder, "qemu.sock");
  const monitor = join(folder, "qemu.qmp");
  const fileOf = (node: string) => join(folder, `${node}.raw`);
  let node = "qemu-0";
  let moves = 0;
  await makeFile(fileOf(node), sizeBytes);
  const args = [
    ["--chardev", `socket,id=qmp,path=${monitor},server=on,wait=off`],
    ["--monitor", "chardev=qmp"],
    ["--blockdev", `driver=file,node-name=${node},filename=${fileOf(node)}`],
    ["--nbd-server", `addr.type=unix,addr.path=${socket}`],
    ["--export", `type=nbd,id=export,node-name=${node},writable=on,name=disk`],
  ];
  const program = await startListening(PROGRAM, args.flat(), { socket, signal });
  const qmp = await Qmp.connect(monitor).catch(async (error: unknown) => {
    await program.stop();
    throw error;
  });
  return {
    uri: unixUri(socket, "disk"),
    pid: program.pid,
    async mirror(mode) {
      const [source, target] = [node, `qemu-${++moves}`];
      await makeFile(fileOf(target), sizeBytes);
      await qmp.ask("blockdev-add", { driver: "file", "node-name": target, filename: fileOf(target) });
      try {
        const mirrored = await mirrorTo(qmp, { source, target, mode, ...options });
        node = target;
        return mirrored;
      } finally {
        const unused = node === target ? source : target;
        await qmp.ask("blockdev-del", { "node-name": unused });
        await rm(fileOf(unused), { force: true });
      }
    },
    async stop() {
      qmp.close();
      await program.stop();
    },
  };
};

interface Mirror extends StorageDaemonOptions {
  readonly source: string;
  readonly target: string;
  readonly mode: CopyMode;
}

const mirrorTo = async (qmp: Qmp, mirror: Mirror): Promise<Mirrored> => {
  const ended = Promise.race([qmp.next("BLOCK_JOB_COMPLETED"), qmp.next("BLOCK_JOB_CANCELLED")]);
  ended.catch(() => undefined);
  const near = qmp.next("BLOCK_JOB_READY");
  const startedAtMs = Date.now();
  await qmp.ask("blockdev-mirror", {
    "job-id": JOB,
    device: mirror.source,
    target: mirror.target,
    sync: "full",
    "copy-mode": mirror.mode,
  });
  try {
    await within(mirror, "become ready", Promise.race([near, ended]));
    const askedMs = performance.now();
    await qmp.ask("block-job-complete", { device: JOB });
    const { data, atMs } = await within(mirror, "end once it was asked to", ended);
    if (data["error"] !== undefined)
      throw new CodedError("internal", { reason: `the mirror failed: ${String(data["error"])}` });
    return {
      startedAtMs,
      endedAtMs: Date.now(),
      bytesCopied: Number(data["offset"]),
      pauseMs: atMs - askedMs,
    };
  } catch (error) {
    // It may have ended by itself meanwhile.
    await qmp.ask("block-job-cancel", { device: JOB, force: true }).catch(() => undefined);
    await ended;
    throw error;
  }
};

const within = async (
  { mode, limitMs, signal }: Mirror,
  what: string,
  event: Promise<QmpEvent>,
): Promise<QmpEvent> => {
  const done = new AbortController();
  const late = sleep(limitMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
    throw new CodedError("deadline-exceeded", {
      operation: `${PROGRAM}: a ${mode} mirror, to ${what},`,
      timeoutMs: limitMs,
    });
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
};
