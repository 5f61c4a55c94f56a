import type { Extent, Layer, LayerRef } from "pagurus";
import { toDo } from "./to-do.ts";

/** An open layer: what `open` of the datastore answers. */
export class MyPluginLayer implements Layer {
  readonly ref: LayerRef;
  /** Whether `zero` takes less time than writing zeroes would. */
  readonly fastZero = false;
  sizeBytes: number;

  constructor(ref: LayerRef, sizeBytes: number) {
    this.ref = ref;
    this.sizeBytes = sizeBytes;
  }

  async read(_offset: number, _into: Uint8Array): Promise<void> {
    toDo(
      "layer.read",
      "fill all of `into`; what was never written reads as zeroes; layer-closed after close",
    );
  }

  async write(_offset: number, _from: Uint8Array): Promise<void> {
    toDo("layer.write", "take all of `from` before you answer: its buffer is used again; layer-read-only");
  }

  async zero(_offset: number, _length: number): Promise<void> {
    toDo("layer.zero", "make the range read as zeroes; writing zeroes is good enough to begin with");
  }

  async flush(): Promise<void> {
    toDo("layer.flush", "answer when everything that had settled before the call would survive a power cut");
  }

  async resize(_sizeBytes: number): Promise<void> {
    toDo(
      "layer.resize",
      'refuse with `demand(datastore, "resize")`, or declare the capability and change the length',
    );
  }

  async *extents(_offset: number, _length: number): AsyncIterable<Extent> {
    yield toDo(
      "layer.extents",
      "yield the range from end to end without gaps; calling all of it data is always right",
    );
  }

  async close(): Promise<void> {
    toDo("layer.close", "wait for what is under way, then let go of the layer; a second close does nothing");
  }
}
