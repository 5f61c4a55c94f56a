import { CodedError, type LayerRef } from "pagurus";
import { type Failures, missing } from "./failures.ts";
import type { FileStatus, Files, OpenFile } from "./files.ts";
import { type OpenLayers, type Role, take } from "./holds.ts";
import { damaged } from "./sidecar.ts";

/** An open image that this role may use. */
export interface HeldImage {
  readonly file: OpenFile;
  readonly status: FileStatus;
  /** What `letGo` calls once the file is closed. */
  readonly release: () => void;
}

export const letGo = async ({ file, release }: HeldImage): Promise<void> => {
  try {
    await file.close();
  } finally {
    release();
  }
};

export interface ImageOwner {
  readonly files: Files;
  readonly failures: Failures;
  readonly openLayers: OpenLayers;
}

/** Opens the image for the role and keeps others out; `undefined` where there is none; `layer-in-use`. */
export const holdImage = async (
  owner: ImageOwner,
  { ref, raw, role }: { ref: LayerRef; raw: string; role: Role },
): Promise<HeldImage | undefined> => {
  const release = owner.openLayers.take(ref.layer, role);
  if (release === undefined) throw inUse(ref, "this server");
  try {
    const file = await openImage(owner.files, raw, role);
    if (file === undefined) {
      release();
      return undefined;
    }
    return { file, release, status: await hold(owner, file, { ref, role }) };
  } catch (error) {
    release();
    throw error;
  }
};

const openImage = (files: Files, raw: string, role: Role): Promise<OpenFile | undefined> =>
  files.open(raw, role === "reader" ? "read" : "write").catch((error: unknown) => {
    if (missing(error)) return undefined;
    throw error;
  });

const hold = async (
  { files, failures }: ImageOwner,
  file: OpenFile,
  { ref, role }: { ref: LayerRef; role: Role },
): Promise<FileStatus> => {
  try {
    const holder = files.native ? take(file, role) : undefined;
    if (holder === "unsupported") throw failures.unavailable("its file system has no locks for open files");
    if (holder !== undefined) throw inUse(ref, holder === "QEMU" ? "QEMU" : "another thread or server");
    const status = await file.status();
    // Whoever removed it held it until then, so it may have gone between our opening and our taking it.
    if (status.links === 0) throw new CodedError("layer-not-found", { ...ref });
    if (!status.regular) throw damaged(ref, "its image is not a regular file");
    return status;
  } catch (error) {
    await file.close();
    throw error;
  }
};

const inUse = (ref: LayerRef, holder: string): CodedError =>
  new CodedError("layer-in-use", { ...ref, holder });
