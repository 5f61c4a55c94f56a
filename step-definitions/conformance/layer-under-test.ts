import { CodedError, type Datastore, type Layer, type Stamp } from "pagurus";
import { Model } from "./model.ts";

export const stampOf = (layer: string): Stamp => ({ disk: `disk-of-${layer}`, epoch: 1, state: "owner" });

/** A layer beside the bytes that it must hold. */
export class LayerUnderTest {
  readonly name: string;
  expected: Model;
  readonly #datastore: Datastore;
  #layer: Layer | undefined;
  #open = false;

  constructor(datastore: Datastore, name: string, sizeBytes: number) {
    this.#datastore = datastore;
    this.name = name;
    this.expected = new Model(sizeBytes);
  }

  get sizeBytes(): number {
    return this.expected.sizeBytes;
  }

  /** The open layer; the last one where it was closed, which refuses whatever it is asked. */
  get layer(): Layer {
    if (!this.#layer) throw new CodedError("layer-closed", { layer: this.name });
    return this.#layer;
  }

  create(): Promise<void> {
    return this.#datastore.create({
      layer: this.name,
      sizeBytes: this.sizeBytes,
      stamp: stampOf(this.name),
    });
  }

  async open(options: { readonly readOnly?: boolean; readonly sizeBytes?: number } = {}): Promise<void> {
    this.#layer = await this.#datastore.open(this.name, { sizeBytes: this.sizeBytes, ...options });
    this.#open = true;
  }

  async close(): Promise<void> {
    if (this.#open) await this.layer.close();
    this.#open = false;
  }

  /** Into a buffer of its own, which held something else. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const into = new Uint8Array(length).fill(0xa5);
    await this.layer.read(offset, into);
    return into;
  }

  /** From a buffer of its own, which nobody touches again. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.layer.write(offset, new Uint8Array(bytes));
    this.expected.set(bytes, offset);
  }

  async zero(offset: number, length: number): Promise<void> {
    await this.layer.zero(offset, length);
    this.expected.zero(offset, length);
  }

  async resize(sizeBytes: number): Promise<void> {
    await this.layer.resize(sizeBytes);
    this.resized(sizeBytes);
  }

  /** Somebody has made it so long. */
  resized(sizeBytes: number): void {
    this.expected = this.expected.resized(sizeBytes);
  }

  /** Somebody has removed it, and it is to be made again. */
  emptied(): void {
    this.expected = new Model(this.sizeBytes);
  }

  /** Where the layer first differs from what it must hold; `undefined` where it doesn't. */
  async difference(): Promise<number | undefined> {
    for (const { offset, length } of this.expected.ranges()) {
      const found = await this.read(offset, length);
      const wanted = this.expected.slice(offset, length);
      if (Buffer.compare(found, wanted) !== 0)
        return offset + found.findIndex((byte, index) => byte !== wanted[index]);
    }
    return undefined;
  }
}
