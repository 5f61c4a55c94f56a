import type { Layer } from "../contract/index.ts";
import type { ImageFormat } from "./format.ts";
import { output } from "./program.ts";
import { RawImage } from "./raw-image.ts";
import { ServedImage } from "./served-image.ts";

/** An image as a disk's content, in a thread of the disk's. */
export interface ImageFile {
  readonly path: string;
  readonly format: ImageFormat;
  readonly sizeBytes: number;
}

/** To be read. The image was inspected before. */
export const openImage = ({ path, format, sizeBytes }: ImageFile): Promise<Layer> =>
  format === "raw"
    ? RawImage.open(path, sizeBytes)
    : ServedImage.open({ path, format }, { sizeBytes, writes: false });

/** A new one that reads as zeroes, or with `resume` one that is there, to be written. */
export async function createImage(
  { path, format, sizeBytes }: ImageFile,
  { resume }: { readonly resume: boolean },
): Promise<Layer> {
  if (format === "raw") return RawImage.create(path, sizeBytes, { resume });
  if (!resume) {
    // Made by us, as ours alone: the program would let others read it.
    await (await RawImage.create(path, 0, { resume })).close();
    const create = ["create", "-q", "-f", format, path, String(sizeBytes)];
    await output({ program: "qemu-img", format, path }, create);
  }
  return ServedImage.open({ path, format }, { sizeBytes, writes: true });
}
