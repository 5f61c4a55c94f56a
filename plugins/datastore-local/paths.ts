import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { assertLayerName } from "pagurus";

/** Where the files of a layer are. Made from checked names only, so that nothing outside the root is ever touched. */
export interface LayerPaths {
  readonly layer: string;
  /** The image, which any program that knows raw images can open. */
  readonly raw: string;
  readonly sidecar: string;
}

export const pathsOf = (root: string, layer: string): LayerPaths => {
  assertLayerName(layer);
  return { layer, raw: join(root, `${layer}.raw`), sidecar: join(root, `${layer}.json`) };
};

/** A file that is about to become `path`; what a crash leaves of it is `leftoversOf` its layer. */
export const unfinished = (path: string): string => `${path}.${randomBytes(6).toString("hex")}.tmp`;

export const leftoversOf = (layer: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => name.startsWith(`${layer}.json.`) && name.endsWith(".tmp"));

/** The layers that sidecars among these names speak of. */
export const layersOf = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => /^([a-z0-9_-]{1,128})\.json$/.exec(name)?.[1] ?? []);
