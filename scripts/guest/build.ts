import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type BuiltGuest, builtGuest, guestFolder, guestIn, initFile, recipe } from "./place.ts";

const ARCHIVE_BYTES = 64 * 1024 * 1024;
const run = promisify(execFile);
const env = { ...process.env, LC_ALL: "C" };

/** Builds the guest of Debian's packages, which are downloaded and unpacked but not installed, unless it is there. */
export async function buildGuest(): Promise<BuiltGuest> {
  const there = await builtGuest();
  if (there) return there;
  const folder = await guestFolder();
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    const unpacked = await unpack(work, [await newestKernel(), recipe.busybox]);
    const made = join(work, "made");
    await mkdir(made);
    const { kernel, initramfs } = guestIn(made);
    await copyFile(await theOnly(join(unpacked, "boot"), /^vmlinuz-/), kernel);
    await writeFile(initramfs, await archive(await layOut(join(work, "root"), unpacked)));
    // Whoever built it at the same time has built the same.
    await rename(made, folder).catch(async (error: unknown) => {
      if (!(await builtGuest())) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return guestIn(folder);
}

const newestKernel = async (): Promise<string> => {
  const { stdout } = await run("apt-cache", ["depends", recipe.kernel], { env });
  const [, name] = /Depends: (linux-image-\S+)/.exec(stdout) ?? [];
  if (name === undefined)
    throw new Error(`apt knows no ${recipe.kernel}; the guest is made of Debian 12's packages`);
  return name;
};

/** Answers the folder with all that is in the packages. */
const unpack = async (work: string, packages: readonly string[]): Promise<string> => {
  const unpacked = join(work, "unpacked");
  await run("apt-get", ["download", "-q", ...packages], { cwd: work, env });
  for (const name of await readdir(work))
    if (name.endsWith(".deb")) await run("dpkg", ["-x", join(work, name), unpacked]);
  return unpacked;
};

/** What the guest has in its memory when it starts. */
const layOut = async (root: string, unpacked: string): Promise<string> => {
  for (const folder of ["bin", "modules", "proc", "dev", "run", "disk"])
    await mkdir(join(root, folder), { recursive: true });
  await copyFile(join(unpacked, "bin/busybox"), join(root, "bin/busybox"));
  await symlink("busybox", join(root, "bin/sh"));
  await copyFile(initFile, join(root, "init"));
  await chmod(join(root, "init"), 0o755);
  const drivers = join(await theOnly(join(unpacked, "lib/modules"), /./), "kernel/drivers");
  // In the order of their names they are loaded.
  for (const [index, module] of recipe.modules.entries())
    await copyFile(join(drivers, `${module}.ko`), join(root, `modules/${index}-${basename(module)}.ko`));
  return root;
};

const theOnly = async (folder: string, pattern: RegExp): Promise<string> => {
  const [name, ...more] = (await readdir(folder)).filter((one) => pattern.test(one));
  if (name === undefined || more.length > 0) throw new Error(`${folder} has ${name ? "several" : "none"}`);
  return join(folder, name);
};

/** The folder as an initramfs; everything in it is root's. */
const archive = async (root: string): Promise<Buffer> => {
  const packing = "find . -print0 | cpio --null --create --format=newc --owner=+0:+0 --quiet";
  const { stdout } = await run("sh", ["-c", packing], {
    cwd: root,
    encoding: "buffer",
    maxBuffer: ARCHIVE_BYTES,
  });
  return promisify(gzip)(stdout);
};
