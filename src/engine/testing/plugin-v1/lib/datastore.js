import { alignedBuffer, assertLayerName, CodedError } from "pagurus";
import { DriftwoodLayer } from "./layer.js";
/** Layers as arrays of this process. */
export class DriftwoodDatastore {
  id;
  capabilities = { "process-local": true, "exclusive-open": true, resize: true };
  #limitBytes;
  #layers = new Map();
  #writers = new Set();
  #started = false;
  constructor(id, { limitBytes }) {
    this.id = id;
    this.#limitBytes = limitBytes;
  }
  async start({ signal }) {
    signal.throwIfAborted();
    this.#started = true;
  }
  async stop() {
    this.#started = false;
  }
  async create({ layer, sizeBytes, stamp }) {
    assertLayerName(layer);
    if (!this.#started)
      throw new CodedError("datastore-unavailable", { datastore: this.id, reason: "it was not started" });
    if (this.#layers.has(layer)) throw new CodedError("layer-exists", { datastore: this.id, layer });
    const taken = [...this.#layers.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    const availableBytes = this.#limitBytes - taken;
    if (sizeBytes > availableBytes)
      throw new CodedError("no-space", { datastore: this.id, availableBytes, neededBytes: sizeBytes });
    this.#layers.set(layer, { bytes: alignedBuffer(sizeBytes).subarray(0, sizeBytes), stamp });
  }
  async open(layer, { sizeBytes, readOnly = false }) {
    const stored = this.#find(layer);
    if (stored.bytes.length < sizeBytes)
      throw new CodedError("layer-too-short", {
        datastore: this.id,
        layer,
        sizeBytes,
        actualBytes: stored.bytes.length,
      });
    if (!readOnly && this.#writers.has(layer))
      throw new CodedError("layer-in-use", { datastore: this.id, layer, holder: "this process" });
    if (!readOnly) this.#writers.add(layer);
    return new DriftwoodLayer({ datastore: this.id, layer }, stored, {
      sizeBytes,
      readOnly,
      closed: () => readOnly || this.#writers.delete(layer),
    });
  }
  async stamp(layer, stamp) {
    this.#find(layer).stamp = stamp;
  }
  async inspect(layer) {
    assertLayerName(layer);
    const stored = this.#layers.get(layer);
    return stored && this.#info(layer, stored);
  }
  async remove(layer) {
    assertLayerName(layer);
    if (this.#writers.has(layer))
      throw new CodedError("layer-in-use", { datastore: this.id, layer, holder: "this process" });
    this.#layers.delete(layer);
  }
  async *list() {
    for (const [layer, stored] of this.#layers) yield this.#info(layer, stored);
  }
  async check() {
    return { location: `memory of ${this.id}`, totalBytes: this.#limitBytes };
  }
  #info(layer, { bytes, stamp }) {
    return {
      layer,
      sizeBytes: bytes.length,
      allocatedBytes: bytes.length,
      stamp,
      location: `memory of ${this.id}`,
    };
  }
  #find(layer) {
    assertLayerName(layer);
    const stored = this.#layers.get(layer);
    if (stored === undefined) throw new CodedError("layer-not-found", { datastore: this.id, layer });
    return stored;
  }
}
