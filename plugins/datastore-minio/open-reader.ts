import type { LayerRef } from "pagurus";
import type { Prices } from "./config.ts";
import type { ExtentMap } from "./extent-map.ts";
import { Fetcher } from "./fetcher.ts";
import { cutOff, MinioLayer } from "./layer.ts";
import { LayerReader } from "./layer-reader.ts";
import type { LogLines } from "./line-cache.ts";
import type { Objects } from "./objects.ts";
import { Tally } from "./tally.ts";
import { layerUsage } from "./usage.ts";

export interface ReaderOptions {
  readonly ref: LayerRef;
  readonly objects: Objects;
  /** What opening it has cost so far. */
  readonly tally?: Tally;
  readonly prices?: Prices | undefined;
  readonly log: string;
  readonly map: ExtentMap;
  /** Those that the bucket lacks. */
  readonly cells?: (segment: number) => Buffer | undefined;
  readonly lines: LogLines;
  readonly sizeBytes: number;
  readonly layerBytes: number;
  /** Called when nothing of it is under way any more. */
  readonly closed?: (layer: MinioLayer) => void;
}

/** A layer that is read as that map has it, whatever becomes of its log. */
export const openReader = (options: ReaderOptions): MinioLayer => {
  const { ref, log, map, lines, sizeBytes, layerBytes, cells = () => undefined } = options;
  const { prices, tally = new Tally() } = options;
  const objects = options.objects.countedIn(tally);
  cutOff(map, layerBytes);
  const fetcher = new Fetcher(objects, log, lines);
  const reader = new LayerReader({
    objects,
    log,
    map,
    lines,
    fetcher,
    cells,
    sizeBytes: () => layer.layerBytes,
  });
  const layer: MinioLayer = new MinioLayer({
    ...{ ref, sizeBytes, layerBytes, map, reader },
    writer: undefined,
    journal: undefined,
    usage: (waitingWrites) => layerUsage({ objects, tally, prices, map, waitingWrites }),
    resized: async () => undefined,
    closed: async () => {
      await fetcher.stop();
      options.closed?.(layer);
    },
  });
  return layer;
};
