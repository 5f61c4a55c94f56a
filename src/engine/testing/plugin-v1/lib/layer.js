import { CodedError } from "pagurus";
/** What completes at once answers nothing. */
export class DriftwoodLayer {
  ref;
  sizeBytes;
  fastZero = true;
  exactExtents = true;
  #stored;
  #readOnly;
  #closed;
  #open = true;
  constructor(ref, stored, { sizeBytes, readOnly, closed }) {
    this.ref = ref;
    this.sizeBytes = sizeBytes;
    this.#stored = stored;
    this.#readOnly = readOnly;
    this.#closed = closed;
  }
  read(offset, into) {
    this.#demand("open");
    into.set(this.#stored.bytes.subarray(offset, offset + into.length));
  }
  write(offset, from) {
    this.#demand("writable");
    this.#stored.bytes.set(from, offset);
  }
  zero(offset, length) {
    this.#demand("writable");
    this.#stored.bytes.fill(0, offset, offset + length);
  }
  async flush() {
    this.#demand("open");
  }
  async resize(sizeBytes) {
    this.#demand("writable");
    const bytes = new Uint8Array(sizeBytes);
    bytes.set(this.#stored.bytes.subarray(0, sizeBytes));
    this.#stored.bytes = bytes;
    this.sizeBytes = sizeBytes;
  }
  async *extents(offset, length) {
    this.#demand("open");
    if (length > 0) yield { offset, length, kind: "data" };
  }
  async close() {
    if (this.#open) this.#closed();
    this.#open = false;
  }
  #demand(what) {
    if (!this.#open) throw new CodedError("layer-closed", { ...this.ref });
    if (what === "writable" && this.#readOnly) throw new CodedError("layer-read-only", { ...this.ref });
  }
}
