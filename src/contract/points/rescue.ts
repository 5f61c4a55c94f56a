import { z } from "zod";
import type { JsonObject } from "../json.ts";
import type { Layer } from "./layer.ts";

/** How many ranges of one damage are told; what it hits beyond them is in its `bytes`. */
export const MAX_RANGES = 100;

const Range = z.object({ offset: z.number(), length: z.number() }).describe("bytes of the layer");

/** Something that isn't as it was made, and what of the layer it takes away. */
export const Damage = z.object({
  object: z.string().describe("where a person finds it"),
  problem: z.string(),
  ranges: z.array(Range).describe("what can't be read, or was written since and is in doubt; the first ones"),
  bytes: z.number().describe("in all such ranges"),
});
export type Damage = z.output<typeof Damage>;

const StampFields = z.object({
  disk: z.string(),
  epoch: z.number(),
  state: z.enum(["owner", "target", "former"]),
});

/** A layer as its store alone knows it. */
export const ExaminedLayer = z.object({
  layer: z
    .string()
    .describe("its name in the store; of content whose layer is gone, what the store calls it"),
  state: z
    .enum(["sound", "damaged", "half-removed", "orphaned", "newer"])
    .describe(
      "`damaged`: see `damage`; `half-removed`: its removal was begun; `orphaned`: content without a layer; `newer`: of a newer release, which alone knows how it is",
    ),
  sizeBytes: z.number().describe("of an orphaned one, where its content ends"),
  stamp: StampFields.optional().describe("whose it is"),
  location: z.string(),
  damage: z.array(Damage),
  cutAt: z.number().optional().describe("where a repair would cut to keep most"),
  facts: z.record(z.string(), z.json()).describe("what only this kind of store has"),
});
export type ExaminedLayer = z.output<typeof ExaminedLayer>;

/** What a store holds, by the store alone. */
export const Examination = z.object({
  location: z.string(),
  layers: z.array(ExaminedLayer),
  strays: z.array(z.string()).describe("what is kept there and is nobody's; the first ones"),
  strayObjects: z.number(),
});
export type Examination = z.output<typeof Examination>;

/** What a cut takes away, or has taken away. */
export const Cut = z.object({
  layer: z.string(),
  cutAt: z.number(),
  done: z.boolean().describe("false: nothing was changed"),
  objects: z.number().describe("objects that stop counting"),
  bytes: z.number(),
  writtenSince: z.string().optional().describe("when the oldest of them was made, by the store's clock"),
  kept: z.string().describe("where they are kept from then on"),
  ranges: z.array(Range).describe("of the layer: written since, as far as they tell; the first ones"),
  rangeBytes: z.number().describe("in all such ranges"),
  untold: z.number().describe("of the objects, those that no longer tell what they changed"),
});
export type Cut = z.output<typeof Cut>;

/** A layer that is there, and that whoever asks doesn't know. */
export const UnknownLayer = z.object({
  layer: z.string(),
  sizeBytes: z.number(),
  stamp: StampFields.describe("whose it is, or was to be"),
  storedBytes: z.number().describe("what its content takes; 0: nothing was ever written to it"),
  changedAt: z.string().describe("when its newest part was made, by the store's clock"),
  kept: z.string().optional().describe("why no sweep takes it; absent: one that names it does"),
});
export type UnknownLayer = z.output<typeof UnknownLayer>;

/** What is nobody's, and was removed or would be. */
export const Sweep = z.object({
  done: z.boolean().describe("false: nothing was removed"),
  objects: z.number(),
  bytes: z.number(),
  of: z.array(z.string()).describe("what they belonged to; the first ones"),
  unknown: z
    .array(UnknownLayer)
    .describe("layers that the catalog doesn't know, each removed only if it is named; the first ones"),
  unknownLayers: z.number().describe("how many there are of those"),
});
export type Sweep = z.output<typeof Sweep>;

/** What was flushed to a place that is lost, and is given up or would be. */
export const Loss = z.object({
  layer: z.string(),
  done: z.boolean().describe("false: nothing was changed"),
  bytes: z.number().describe("at most so many that were flushed; 0: the store has all of it"),
  flushedSince: z.string().optional().describe("when the oldest of them may have been, by the store's clock"),
  place: z.string().optional().describe("where they were kept"),
  keptAside: z.array(z.string()).describe("what of it was found there, and is kept under these names"),
});
export type Loss = z.output<typeof Loss>;

/** A call of a rescue: it ends soon when the signal fires. */
export interface RescueCall {
  readonly signal: AbortSignal;
  /** With its `percent`, 0 to 100. */
  readonly progress: (progress: JsonObject) => void;
}

/**
 * What can be done with a store's content when nothing but the store itself is left: no catalog, and perhaps damage.
 * A layer may be named by what `examine` calls it. Nothing is changed but by what says `confirmed`.
 */
export interface Rescue {
  /**
   * What is there, by the store alone. `verify` reads everything and tries every checksum. `layer-not-found` where only
   * one was asked for; damage is an answer and no failure.
   */
  examine(
    options: { readonly layer?: string | undefined; readonly verify: boolean },
    call: RescueCall,
  ): Promise<Examination>;
  /**
   * Opens the last consistent content for reading: the longest prefix of what was written that is whole, or with
   * `before` the one that a cut there would leave. What can't be read in it fails as any read does. `layer-unrecoverable`.
   */
  openRemains(
    layer: string,
    options: { readonly before?: number | undefined; readonly signal: AbortSignal },
  ): Promise<Layer>;
  /**
   * Has everything from `cutAt` on stop counting, keeping it aside. Not `confirmed`: says what would be lost.
   * `layer-in-use`, `cut-refused`.
   */
  cut(
    layer: string,
    options: { readonly cutAt: number; readonly confirmed: boolean },
    call: RescueCall,
  ): Promise<Cut>;
  /**
   * Goes on with a layer without what was flushed elsewhere first, such as to a journal that is lost. Not `confirmed`:
   * says what would be lost. `layer-not-found`, `layer-in-use`.
   */
  acceptLoss(layer: string, options: { readonly confirmed: boolean }, call: RescueCall): Promise<Loss>;
  /**
   * Removes what belongs to no layer, and tells of the layers that aren't `known`. With `layer` removes that one instead,
   * and only where it can be nobody's disk: nothing was ever written to it, and it isn't new. Not `confirmed`: says what
   * it would remove. `layer-not-found`, `sweep-refused`.
   */
  sweep(
    options: {
      readonly confirmed: boolean;
      readonly known?: readonly string[] | undefined;
      readonly layer?: string | undefined;
    },
    call: RescueCall,
  ): Promise<Sweep>;
}
