import { access, constants, link, lstat, open, rename, stat, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError, reasonOf } from "../contract/index.ts";
import { errnoOf } from "./failures.ts";

/** Refuses a path at which no new image can be made: `image-exists`, `image-folder-unusable`. */
export async function demandFreePlace(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error("it is no folder");
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new CodedError("image-folder-unusable", { folder, reason: reasonOf(cause) }, { cause });
  }
  if (await imageExists(path)) throw new CodedError("image-exists", { path });
}

/** `image-no-space`. */
export async function demandSpaceFor(path: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const availableBytes = bavail * bsize;
  if (availableBytes < neededBytes)
    throw new CodedError("image-no-space", { path, neededBytes, availableBytes });
}

/**
 * Gives a whole image its name too, durably, and never takes that from another file: `image-exists`. Where a file can
 * have one name alone it loses the former.
 */
export async function nameImage(partial: string, path: string): Promise<void> {
  const file = await open(partial, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(partial, path);
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") throw new CodedError("image-exists", { path }, { cause });
    // There are file systems on which a file has one name.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(String(errnoOf(cause)))) throw cause;
    await demandFreePlace(path);
    await rename(partial, path);
  }
  await syncFolder(path);
}

/** Takes back a name that an image was given too. */
export async function unnameImage(partial: string, path: string): Promise<void> {
  const [former, named] = await Promise.all([inodeOf(partial), inodeOf(path)]);
  if (former !== undefined && former === named) await removeImage(path);
}

/** Removing what isn't there does nothing. */
export async function removeImage(path: string): Promise<void> {
  await unlink(path).catch(absent);
}

/** Whether there is such a file, of whatever kind. */
export const imageExists = async (path: string): Promise<boolean> => (await inodeOf(path)) !== undefined;

const inodeOf = async (path: string): Promise<string | undefined> => {
  const status = await lstat(path).catch(absent);
  return status ? `${status.dev}:${status.ino}` : undefined;
};

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const absent = (error: unknown): false => {
  if (errnoOf(error) !== "ENOENT") throw error;
  return false;
};
