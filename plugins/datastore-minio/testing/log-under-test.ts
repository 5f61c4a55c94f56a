import type { Layer, Log } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { MinioDatastore } from "../datastore.ts";
import type { JournalHome } from "../journal/home.ts";
import type { Objects } from "../objects.ts";
import { Tally } from "../tally.ts";
import type { Upkeep } from "../upkeep.ts";

export const LAYER = "disk";

/** Small enough that a few writes make several objects. */
export const smallConfig = {
  segmentBytes: 8 * 4100,
  window: 4,
  maxBufferedBytes: 2 ** 30,
  cacheBytes: 2 ** 20,
  maxLossBytes: 2 ** 30,
  maxLossSeconds: 60 as number,
} as const;

/** Checkpoints and collection after a few objects. */
export const busyUpkeep: Upkeep = {
  mostObjects: 6,
  mostCellBytes: 12 * 8 * 4100,
  mostDeadBytes: 2 * 8 * 4100,
  slackBytes: 8 * 4100,
  lookBytes: 8 * 4100,
};

/** A datastore over objects, such as in memory, whose bucket is sound. */
export const datastoreOver = (
  objects: Objects,
  config: Partial<typeof smallConfig> = {},
  upkeep: Upkeep = busyUpkeep,
  clock = new FakeClock(),
  home?: JournalHome,
  log: Log = silentLog,
): MinioDatastore =>
  new MinioDatastore(
    "bucket",
    { ...smallConfig, ...config },
    {
      objects,
      prompt: objects,
      tally: new Tally(),
      outages: { onChange: () => undefined },
      bucket: { open: async () => undefined, look: async () => undefined, check: async () => undefined },
      log,
      clock,
      home,
      upkeep,
      close: async () => undefined,
    },
  );

const silent = () => undefined;
const silentLog = { debug: silent, info: silent, warn: silent, error: silent };

export const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;

/** A new layer of so many bytes, open for writing. */
export const newLayer = async (datastore: MinioDatastore, sizeBytes: number): Promise<Layer> => {
  await datastore.create({ layer: LAYER, sizeBytes, stamp });
  return datastore.open(LAYER, { sizeBytes });
};

export const contentOf = async (layer: Layer): Promise<Buffer> => {
  const content = Buffer.alloc(layer.sizeBytes, 0xee);
  await layer.read(0, content);
  return content;
};
