import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** An NBD server over a file of its own, ready for clients. */
export interface BenchServer {
  readonly name: string;
  readonly uri: string;
  /** Whose processor time is measured. */
  readonly pid: number;
  stop(): Promise<void>;
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
};

const pidOf = (child: ChildProcess): number => child.pid ?? 0;

/** `pagurus serve` from `dist`, with one disk on a local datastore. */
export async function startPagurus(folder: string, sizeBytes: number): Promise<BenchServer> {
  const root = join(folder, "layers");
  await mkdir(root, { recursive: true });
  const config = join(folder, "pagurus.yaml");
  await writeFile(config, `datastores: { bench: { plugin: datastore-local, root: ${root} } }\n`);
  const args = ["bin/pagurus.cjs", "serve", "--data", join(folder, "data"), "--config", config];
  const child = spawn("node", [...args, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const [, url = "", , tokenFile = ""] = line.split(" ");
  const authorization = `Bearer ${(await readFile(tokenFile, "utf8")).trim()}`;
  const answer = await fetch(`${url}/v1/disks`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench", sizeBytes }),
  });
  const disk = (await answer.json()) as { exports: { uri: string }[] };
  return { name: "pagurus", uri: disk.exports[0]?.uri ?? "", pid: pidOf(child), stop: () => ended(child) };
}

export async function startQemuNbd(folder: string, sizeBytes: number): Promise<BenchServer> {
  const file = join(folder, "qemu.raw");
  const socket = join(folder, "qemu.sock");
  await writeFile(file, "");
  await truncate(file, sizeBytes);
  const child = spawn("qemu-nbd", ["-t", "-e", "8", "-f", "raw", "--cache=writeback", "-k", socket, file]);
  await listening(socket);
  return {
    name: "qemu-nbd",
    uri: `nbd+unix:///?socket=${socket}`,
    pid: pidOf(child),
    stop: () => ended(child),
  };
}

export async function startNbdkit(folder: string, sizeBytes: number): Promise<BenchServer> {
  const file = join(folder, "nbdkit.raw");
  const socket = join(folder, "nbdkit.sock");
  await writeFile(file, "");
  await truncate(file, sizeBytes);
  const child = spawn("nbdkit", ["-f", "-U", socket, "file", file]);
  await listening(socket);
  return {
    name: "nbdkit",
    uri: `nbd+unix:///?socket=${socket}`,
    pid: pidOf(child),
    stop: () => ended(child),
  };
}

const READY_TRIES = 100;
const READY_MS = 50;

async function listening(socket: string): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    if (
      await access(socket).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, READY_MS));
  }
  throw new Error(`nothing listens on ${socket}`);
}
