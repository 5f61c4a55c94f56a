import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { CodedError } from "../contract/index.ts";
import type { Feature } from "./feature.ts";
import type { Place } from "./place.ts";

/** The features that this package ships, read anew whenever somebody asks and parsed anew where they have changed. */
export class FeatureLibrary {
  readonly #place: Place;
  readonly #known = new Map<string, { readonly text: string; readonly feature: Feature }>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** By id. */
  async list(): Promise<readonly Feature[]> {
    const { features: folder } = this.#place;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(".feature"))
      .map((entry) => join(entry.parentPath, entry.name));
    const features = await Promise.all(files.map((file) => this.#read(file)));
    return features.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** `feature-not-found`. */
  async get(id: string): Promise<Feature> {
    const found = (await this.list()).find((feature) => feature.id === id);
    if (found === undefined) throw new CodedError("feature-not-found", { feature: id });
    return found;
  }

  /** All but the conformance features need steps that are in a checkout only. */
  canRun({ kind }: Feature): boolean {
    return kind === "conformance" || this.#place.checkout;
  }

  /** Of a feature's file, below the folder of the package. */
  pathOf({ id }: Feature): string {
    return `features/${id.replaceAll(".", "/")}.feature`;
  }

  async #read(file: string): Promise<Feature> {
    const path = relative(this.#place.features, file).split(sep).join("/");
    const text = await readFile(file, "utf8");
    const known = this.#known.get(path);
    if (known?.text === text) return known.feature;
    // Loaded here alone: a server that nobody asks for features needs no Gherkin.
    const { parseFeature } = await import("./parse-feature.ts");
    const feature = parseFeature(path, text);
    this.#known.set(path, { text, feature });
    return feature;
  }
}

/** One hash of several features, whatever their order. */
export const hashOf = (features: readonly Feature[]): string => {
  const lines = features.map(({ id, hash }) => `${id} ${hash}\n`).toSorted();
  return createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16);
};
