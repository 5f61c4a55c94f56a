import { CodedError, type LayerRef, type Stamp, z } from "pagurus";
import { missing } from "./failures.ts";
import type { Files } from "./files.ts";
import { readFully } from "./transfer.ts";

/** Raised when an older server could misread what a newer one writes. */
const FORMAT = 1;
/** Far more than a sidecar ever needs. */
const MAX_SIDECAR_BYTES = 64 * 1024;

const Format = z.object({ format: z.int() });
const Sidecar = z.object({
  sizeBytes: z.int().positive(),
  stamp: z.object({
    disk: z.string(),
    epoch: z.number(),
    state: z.enum(["owner", "target", "former"]),
  }),
});

/** What is kept of a layer beside its image. */
export interface Sidecar {
  readonly sizeBytes: number;
  readonly stamp: Stamp;
}

export const sidecarText = ({ sizeBytes, stamp }: Sidecar): string =>
  `${JSON.stringify({ format: FORMAT, sizeBytes, stamp }, undefined, 2)}\n`;

/** `undefined` where there is none; `layer-damaged` where it can't be understood. */
export const readSidecar = async (
  files: Files,
  ref: LayerRef,
  path: string,
): Promise<Sidecar | undefined> => {
  const text = await readText(files, path);
  if (text === undefined) return undefined;
  const json = parseJson(text);
  const format = Format.safeParse(json).data?.format ?? FORMAT;
  if (format > FORMAT) throw damaged(ref, `${path} is of format ${format}, which a newer version wrote`);
  const sidecar = Sidecar.safeParse(json);
  if (!sidecar.success) throw damaged(ref, `${path} is not what was written there`);
  return sidecar.data;
};

export const damaged = (ref: LayerRef, problem: string): CodedError =>
  new CodedError("layer-damaged", { ...ref, problem });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readText = async (files: Files, path: string): Promise<string | undefined> => {
  const file = await files.open(path, "read").catch((error: unknown) => {
    if (missing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { regular, sizeBytes } = await file.status();
    if (!regular || sizeBytes > MAX_SIDECAR_BYTES) return "";
    const bytes = Buffer.alloc(sizeBytes);
    readFully(file, bytes, 0);
    return bytes.toString();
  } finally {
    await file.close();
  }
};
