import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { CodedError, reasonOf, z } from "../contract/index.ts";
import { errnoOf } from "./failures.ts";
import { foundFormat, type ImageFormat } from "./format.ts";
import { demandWhole, HEAD_BYTES } from "./own-header.ts";
import { blockdev, output } from "./program.ts";
import { RawImage } from "./raw-image.ts";

/** An image as it was found. */
export interface FoundImage {
  readonly path: string;
  readonly format: ImageFormat;
  /** Of the disk that it holds: a multiple of 512, longer than a raw file whose length is none. */
  readonly sizeBytes: number;
  /** How much longer. */
  readonly paddedBytes: number;
  /** What the file takes on its storage: holes and what is all zero in it don't count, nor what is compressed. */
  readonly allocatedBytes: number;
}

const SECTOR_BYTES = 512;
/** The unit of `stat`'s blocks, whatever the file system's own is. */
const STAT_BLOCK_BYTES = 512;
const LARGEST_BYTES = 2 ** 50;

/**
 * Looks at an image without reading what it holds. `image-not-found`, `image-unreadable`, `image-unusable`,
 * `image-format-unclear`, `image-not-whole`, `image-in-use`, `image-program-missing`, `image-program-failed`.
 */
export async function inspectImage(
  path: string,
  {
    format: given,
    signal,
  }: { readonly format?: ImageFormat | undefined; readonly signal?: AbortSignal } = {},
): Promise<FoundImage> {
  const { head, fileBytes, allocatedBytes } = await headOf(path);
  const format = foundFormat(path, head, given);
  demandWhole(path, head, format);
  const bytes = format === "raw" ? fileBytes : await virtualSizeOf(path, format, signal);
  const sizeBytes = Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
  if (sizeBytes === 0 || sizeBytes > LARGEST_BYTES) {
    const problem = sizeBytes === 0 ? "it is empty" : "it is larger than a disk can be";
    throw new CodedError("image-unusable", { path, problem });
  }
  if (format === "raw") await (await RawImage.open(path, sizeBytes)).close();
  return { path, format, sizeBytes, paddedBytes: sizeBytes - bytes, allocatedBytes };
}

async function headOf(
  path: string,
): Promise<Pick<FoundImage, "allocatedBytes"> & { readonly head: Buffer; readonly fileBytes: number }> {
  let handle: FileHandle | undefined;
  try {
    // A pipe would be waited for otherwise.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await handle.stat();
    if (!status.isFile()) throw new CodedError("image-unusable", { path, problem: "it is no regular file" });
    const head = Buffer.alloc(HEAD_BYTES);
    await handle.read(head, 0, HEAD_BYTES, 0);
    return { head, fileBytes: status.size, allocatedBytes: status.blocks * STAT_BLOCK_BYTES };
  } catch (cause) {
    if (CodedError.is(cause)) throw cause;
    if (["ENOENT", "ENOTDIR"].includes(String(errnoOf(cause))))
      throw new CodedError("image-not-found", { path });
    throw new CodedError("image-unreadable", { path, reason: reasonOf(cause) }, { cause });
  } finally {
    await handle?.close();
  }
}

const Information = z.looseObject({
  "virtual-size": z.number(),
  "backing-filename": z.string().optional(),
  "format-specific": z
    .looseObject({
      data: z.looseObject({
        "data-file": z.string().optional(),
        extents: z.array(z.looseObject({ filename: z.string() })).optional(),
      }),
    })
    .optional(),
});

/** As QEMU reads the image; refuses what has its content in other files, which is looked for here a second time. */
async function virtualSizeOf(path: string, format: ImageFormat, signal?: AbortSignal): Promise<number> {
  const use = { program: "qemu-img", format, path } as const;
  const text = await output(use, ["info", "--output=json", blockdev(path, format)], signal);
  const found = Information.parse(JSON.parse(text));
  const { "data-file": dataFile, extents = [] } = found["format-specific"]?.data ?? {};
  const other =
    found["backing-filename"] ?? dataFile ?? extents.find(({ filename }) => filename !== path)?.filename;
  if (other !== undefined)
    throw new CodedError("image-not-whole", { path, reference: `it refers to ${other}` });
  return found["virtual-size"];
}
