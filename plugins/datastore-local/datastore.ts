import { resolve } from "node:path";
import {
  type Capabilities,
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type Layer,
  type LayerInfo,
  type LayerRef,
  type LayerSpec,
  type Log,
  type Stamp,
} from "pagurus";
import { coldReadsAtOnce } from "./cold-reads.ts";
import type { LocalConfig } from "./config.ts";
import { Directory } from "./directory.ts";
import { existing, Failures } from "./failures.ts";
import type { FileStatus, Files } from "./files.ts";
import { OpenLayers } from "./holds.ts";
import { holdImage, type ImageOwner, letGo } from "./image.ts";
import { LocalLayer } from "./layer.ts";
import { type LayerPaths, layersOf, pathsOf } from "./paths.ts";
import { probe } from "./probe.ts";
import { damaged, type Sidecar } from "./sidecar.ts";

/**
 * A directory of layers, each a sparse raw image beside a sidecar with its size and stamp. The sidecar is durable
 * before the image is made and goes after it, so whatever a crash leaves is listed and can be removed.
 */
export class LocalDatastore implements Datastore {
  readonly id: string;
  readonly #files: Files;
  readonly #log: Log;
  readonly #failures: Failures;
  readonly #directory: Directory;
  readonly #images: ImageOwner;

  constructor(id: string, config: LocalConfig, { files, log }: { readonly files: Files; readonly log: Log }) {
    const root = resolve(config.root);
    this.id = id;
    this.#files = files;
    this.#log = log;
    this.#failures = new Failures(id, root, files);
    this.#directory = new Directory(root, files, this.#failures);
    this.#images = { files, failures: this.#failures, openLayers: new OpenLayers() };
  }

  get capabilities(): Capabilities {
    return {
      "durability-local": true,
      resize: true,
      ...(this.#files.native ? { sparse: "native", "exclusive-open": true } : {}),
    };
  }

  async create({ layer, sizeBytes, stamp }: LayerSpec): Promise<void> {
    const { paths, ref } = this.#of(layer);
    return this.#directory.guard(async () => {
      try {
        if ((await this.#directory.status(paths.raw)) !== undefined)
          throw new CodedError("layer-exists", { ...ref });
        await this.#directory.putSidecar(paths, { sizeBytes, stamp }, "new");
        await this.#makeImage(paths, sizeBytes);
      } catch (error) {
        throw existing(error) ? new CodedError("layer-exists", { ...ref }) : error;
      }
    });
  }

  async open(
    layer: string,
    { sizeBytes, readOnly = false }: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    const { paths, ref } = this.#of(layer);
    return this.#directory.guard(async () => {
      const sidecar = await this.#directory.sidecar(paths, ref);
      const role = readOnly ? "reader" : "writer";
      const image = await holdImage(this.#images, { ref, raw: paths.raw, role });
      if (image === undefined) throw damaged(ref, `its image ${paths.raw} is missing`);
      const { file, status, release } = image;
      try {
        const actualBytes = lengthOf(sidecar, status);
        if (actualBytes < sizeBytes)
          throw new CodedError("layer-too-short", { ...ref, actualBytes, sizeBytes });
        // A crash came while it was shrunk: a growth that the next one ends must not meet the former length again.
        if (!readOnly && sidecar.sizeBytes > actualBytes)
          await this.#directory.changeSidecar(paths, ref, { sizeBytes: actualBytes });
      } catch (error) {
        await letGo(image);
        throw error;
      }
      return new LocalLayer({
        ref,
        sizeBytes,
        readOnly,
        file,
        fileBytes: status.sizeBytes,
        failures: this.#failures,
        coldReads: coldReadsAtOnce(this.#files.poolThreads),
        resized: (bytes) => this.#directory.changeSidecar(paths, ref, { sizeBytes: bytes }),
        closed: release,
      });
    });
  }

  async stamp(layer: string, stamp: Stamp): Promise<void> {
    const { paths, ref } = this.#of(layer);
    return this.#directory.guard(() => this.#directory.changeSidecar(paths, ref, { stamp }));
  }

  async inspect(layer: string): Promise<LayerInfo | undefined> {
    const { paths, ref } = this.#of(layer);
    return this.#directory.guard(async () => {
      const sidecar = await this.#directory.sidecar(paths, ref).catch((error: unknown) => {
        if (!CodedError.is(error, "layer-not-found")) throw error;
      });
      if (!sidecar) return undefined;
      const image = await this.#directory.status(paths.raw);
      return {
        layer,
        stamp: sidecar.stamp,
        sizeBytes: lengthOf(sidecar, image),
        allocatedBytes: image?.allocatedBytes ?? 0,
        location: paths.raw,
      };
    });
  }

  async remove(layer: string): Promise<void> {
    const { paths, ref } = this.#of(layer);
    return this.#directory.guard(async () => {
      const image = await holdImage(this.#images, { ref, raw: paths.raw, role: "remover" });
      if (image !== undefined) {
        try {
          await this.#files.unlink(paths.raw);
          await this.#files.syncDirectory(this.#directory.root);
        } finally {
          await letGo(image);
        }
      }
      await this.#directory.removeSidecar(paths);
    });
  }

  async *list(): AsyncIterable<LayerInfo> {
    const names = await this.#directory.guard(() => this.#directory.names());
    for (const layer of layersOf(names)) {
      const info = await this.inspect(layer).catch((error: unknown) => {
        if (!CodedError.is(error, "layer-damaged")) throw error;
        this.#log.warn("A damaged layer is left out of the list", error.data);
      });
      if (info) yield info;
    }
  }

  async check(): Promise<DatastoreStatus> {
    return this.#directory.guard(async () => {
      const { root } = this.#directory;
      await this.#directory.demand();
      await probe(this.#files, this.#failures, root);
      return { ...this.#files.space(root), location: root };
    });
  }

  #of(layer: string): { readonly paths: LayerPaths; readonly ref: LayerRef } {
    return { paths: pathsOf(this.#directory.root, layer), ref: { datastore: this.id, layer } };
  }

  /** A sparse file takes no space yet, but the file system may not hold one so long. */
  async #makeImage(paths: LayerPaths, sizeBytes: number): Promise<void> {
    const made = [paths.sidecar];
    try {
      const file = await this.#files.open(paths.raw, "create");
      made.unshift(paths.raw);
      try {
        await file.truncate(sizeBytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#files.syncDirectory(this.#directory.root);
    } catch (error) {
      for (const path of made) await this.#files.unlink(path).catch(() => undefined);
      throw error;
    }
  }
}

/** A crash while a layer is resized leaves image and sidecar of two lengths: the shorter is the layer's. */
const lengthOf = ({ sizeBytes }: Sidecar, image: FileStatus | undefined): number =>
  Math.min(sizeBytes, image?.sizeBytes ?? sizeBytes);
