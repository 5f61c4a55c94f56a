import { join } from "node:path";
import { CodedError, type LayerRef } from "pagurus";
import { putFile } from "./durable-file.ts";
import { type Failures, missing } from "./failures.ts";
import type { FileStatus, Files } from "./files.ts";
import { type LayerPaths, leftoversOf } from "./paths.ts";
import { damaged, readSidecar, type Sidecar, sidecarText } from "./sidecar.ts";

/** The directory of a datastore, and what it holds of each layer. */
export class Directory {
  readonly root: string;
  readonly #files: Files;
  readonly #failures: Failures;

  constructor(root: string, files: Files, failures: Failures) {
    this.root = root;
    this.#files = files;
    this.#failures = failures;
  }

  names(): Promise<readonly string[]> {
    return this.#files.names(this.root);
  }

  /** `undefined` where there is nothing. */
  status(path: string): Promise<FileStatus | undefined> {
    return this.#files.status(path).catch(unlessMissing);
  }

  /** `layer-not-found`, `layer-damaged`; a store that is away is not a store without the layer. */
  async sidecar(paths: LayerPaths, ref: LayerRef): Promise<Sidecar> {
    const sidecar = await readSidecar(this.#files, ref, paths.sidecar);
    if (sidecar !== undefined) return sidecar;
    if ((await this.status(paths.raw)) !== undefined)
      throw damaged(ref, `${paths.sidecar}, with its stamp, is missing`);
    await this.demand();
    throw new CodedError("layer-not-found", { ...ref });
  }

  putSidecar(paths: LayerPaths, sidecar: Sidecar, how: "new" | "replace"): Promise<void> {
    return putFile(this.#files, this.root, { path: paths.sidecar, content: sidecarText(sidecar), how });
  }

  /** Whole whatever happens. Two changes of one layer's at once would lose one: the engine makes none. */
  async changeSidecar(paths: LayerPaths, ref: LayerRef, change: Partial<Sidecar>): Promise<void> {
    await this.putSidecar(paths, { ...(await this.sidecar(paths, ref)), ...change }, "replace");
  }

  /** Of a layer whose image is gone already; durable when it resolves. */
  async removeSidecar(paths: LayerPaths): Promise<void> {
    const leftovers = leftoversOf(paths.layer, await this.names());
    const unwanted = [...leftovers.map((name) => join(this.root, name)), paths.sidecar];
    for (const path of unwanted) await this.#files.unlink(path).catch(unlessMissing);
    await this.#files.syncDirectory(this.root);
  }

  /** Refuses with `datastore-unavailable` where the directory is missing. */
  async demand(): Promise<void> {
    if ((await this.status(this.root)) === undefined)
      throw this.#failures.unavailable(`its directory ${this.root} is missing`);
  }

  /** Runs an operation of the datastore, turning what the file system says into codes. */
  async guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (missing(error)) await this.demand();
      throw this.#failures.ofStore(error);
    }
  }
}

const unlessMissing = (error: unknown): undefined => {
  if (!missing(error)) throw error;
};
