import { CodedError } from "../contract/index.ts";

/** How an image keeps the bytes of a disk. All but raw are read and written by QEMU's programs. */
export const IMAGE_FORMATS = ["raw", "qcow2", "vmdk", "vhdx"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

const byEnding: Readonly<Record<string, ImageFormat>> = {
  raw: "raw",
  img: "raw",
  qcow2: "qcow2",
  vmdk: "vmdk",
  vhdx: "vhdx",
};

/** What images of a format begin with; raw ones with anything. */
const MAGIC = [
  { format: "qcow2", bytes: Buffer.from("QFI\xfb", "latin1") },
  { format: "vmdk", bytes: Buffer.from("KDMV") },
  { format: "vmdk", bytes: Buffer.from("# Disk DescriptorFile") },
  { format: "vhdx", bytes: Buffer.from("vhdxfile") },
] as const;

/**
 * The format of an image to be made: as given, else by its name's ending. `image-format-unclear`.
 *
 * @example namedFormat("/backup/web.qcow2", undefined) // "qcow2"
 */
export function namedFormat(path: string, given: ImageFormat | undefined): ImageFormat {
  const format = given ?? endingOf(path);
  if (format !== undefined) return format;
  throw unclear(path, "its name ends like none that is known");
}

/**
 * The format of an image that begins with these bytes: as given, else where its name and its content say the same.
 * Content alone never decides: whoever could write the first bytes of a raw disk would choose how it is read, and
 * which other files it refers to. `image-format-unclear`, `image-unusable`.
 */
export function foundFormat(path: string, head: Uint8Array, given: ImageFormat | undefined): ImageFormat {
  const content = contentOf(head);
  const wanted = given ?? endingOf(path);
  if (wanted !== undefined && (wanted === content || given === "raw")) return wanted;
  if (wanted === "raw" || wanted === undefined) {
    if (content === undefined && (wanted === "raw" || !hasEnding(path))) return "raw";
    if (content === undefined)
      throw unclear(path, "neither its name nor its content is of a format that is known");
    const name = wanted === undefined ? "and its name doesn't say so" : "and its name says raw";
    throw unclear(path, `it begins as ${content} does, ${name}`);
  }
  throw new CodedError("image-unusable", { path, problem: `it does not begin as ${wanted} does` });
}

/** A disk of its own, such as a device or an image without an ending, is raw; other endings say something else. */
const hasEnding = (path: string): boolean => /[^/]\.[^./]+$/.test(path);

const endingOf = (path: string): ImageFormat | undefined => {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined;
};

const contentOf = (head: Uint8Array): ImageFormat | undefined =>
  MAGIC.find(({ bytes }) => bytes.equals(head.subarray(0, bytes.length)))?.format;

const unclear = (path: string, problem: string): CodedError =>
  new CodedError("image-format-unclear", { path, problem, known: IMAGE_FORMATS.join(", ") });
