import { setImmediate } from "node:timers/promises";
import { type Clock, CodedError, type LayerRef, type Log } from "pagurus";
import { CELL_BYTES } from "./cell.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Collection } from "./collection.ts";
import type { MinioConfig } from "./config.ts";
import { Fetcher } from "./fetcher.ts";
import type { JournalHome } from "./journal/home.ts";
import { LayerJournal } from "./journal/layer-journal.ts";
import { replayJournal } from "./journal/replay.ts";
import { demandUnchanged, factsBefore, findUnreplayed, type Unreplayed } from "./journal/unreplayed.ts";
import { KnownEnd } from "./known-end.ts";
import { cutOff, MinioLayer } from "./layer.ts";
import { LayerReader } from "./layer-reader.ts";
import { type LayerRecord, LayerRecords } from "./layer-record.ts";
import { logObjectKey } from "./layout.ts";
import { LINE_BYTES, type LogLines } from "./line-cache.ts";
import { LogWriter } from "./log-writer.ts";
import type { Objects } from "./objects.ts";
import { takeLog } from "./open-log.ts";
import { Tally } from "./tally.ts";
import type { Upkeep } from "./upkeep.ts";
import { layerUsage } from "./usage.ts";
import { WriteBack, writeBackMs } from "./write-back.ts";

/** So often a full bucket is tried again. */
const FULL_RETRY_MS = 1000;
/** Moved by collection at once, at most. */
const MOST_BLOCKS_MOVED = 256;

export interface WriterOptions {
  readonly ref: LayerRef;
  readonly record: LayerRecord;
  readonly sizeBytes: number;
  /** Those that the open layer waits for. */
  readonly objects: Objects;
  /** The same for whoever opens it: they are told soon that the store doesn't answer. */
  readonly prompt: Objects;
  readonly told: Log;
  readonly lines: LogLines;
  readonly config: Pick<
    MinioConfig,
    "segmentBytes" | "maxBufferedBytes" | "maxLossBytes" | "maxLossSeconds" | "prices"
  >;
  readonly clock: Clock;
  /** Absent: flushes are answered when the bucket has what they cover. */
  readonly home: JournalHome | undefined;
  readonly upkeep: Upkeep;
  /** Called when nothing of it is under way any more. */
  readonly closed: (layer: MinioLayer) => Promise<void>;
}

/** Takes the layer's log over and puts together what writes it, reads it, and keeps it short. */
export const openWriter = async (options: WriterOptions): Promise<MinioLayer> => {
  const { home, ref, record } = options;
  const tally = new Tally();
  const prompt = options.prompt.countedIn(tally);
  const layer = { home, ref, record, objects: prompt, records: new LayerRecords(prompt) };
  const unreplayed = await findUnreplayed(layer, options.told);
  try {
    const mayTake = () => demandUnchanged(layer, unreplayed);
    return await openFound({ ...options, prompt }, tally, { unreplayed, mayTake });
  } finally {
    await unreplayed?.close();
  }
};

/** What was found of the layer before its log is taken over. */
interface Found {
  readonly unreplayed: Unreplayed | undefined;
  readonly mayTake: () => Promise<void>;
}

const openFound = async (
  options: WriterOptions,
  tally: Tally,
  { unreplayed, mayTake }: Found,
): Promise<MinioLayer> => {
  const { ref, record, sizeBytes, prompt, told, lines, config, upkeep, clock, home } = options;
  const objects = options.objects.countedIn(tally);
  const records = new LayerRecords(objects);
  const { log, window } = record;
  const { segmentBytes, maxLossBytes, maxLossSeconds } = config;
  const { recovered, nonce, next, predecessor } = await takeLog(
    prompt,
    factsBefore(record, unreplayed),
    mayTake,
  );
  const { map, checkpoint, dead, strays, replayed } = recovered;
  cutOff(map, record.sizeBytes);
  const journal: LayerJournal | undefined =
    home &&
    new LayerJournal({
      ...{ home, told, records, clock, ref, log, nonce, segmentBytes, stamp: record.stamp },
      loss: { maxLossBytes, maxLossSeconds },
      reachBucket: () => writer.flush(),
      prove: () => writer.prove(),
      // Whoever gave up ends no outage: only those that still wait tell that there is one.
      storeIsSilent: () => (objects.outage?.waiting ?? 0) > 0,
    });
  const maxBufferedBytes = Math.min(config.maxBufferedBytes, home ? maxLossBytes : Number.POSITIVE_INFINITY);
  const end = new KnownEnd({
    ...{ layer: ref.layer, log, objects: prompt },
    // Its first numbers are given to nobody: the fence is the last object then.
    confirmed: () => (writer.confirmed < next ? next - window : writer.confirmed),
    recorded: record.confirmedThrough ?? 0,
  });
  const writeBack = new WriteBack(clock, writeBackMs(home && config), () => void writer.seal());
  const writer: LogWriter = new LogWriter({
    objects,
    log,
    nonce,
    window,
    segmentBytes,
    maxBufferedBytes,
    clock,
    map,
    next,
    predecessor,
    checkpoint,
    keep: async (segment, cells) => {
      await keepLines(lines, segment, cells);
      await journal?.settled();
    },
    mayWrite: () => journal?.mayWrite ?? true,
    onBegun: (segment) => {
      writeBack.emptied();
      journal?.began(segment);
    },
    onFirstAdded: () => writeBack.added(),
    onSealed: (cellBytes) => {
      checkpoints.sealed(cellBytes);
      collection.sealed(cellBytes);
    },
    onConfirmed: () => {
      checkpoints.poke();
      journal?.confirmed(writer.confirmed);
    },
    whenFull: (signal) => clock.sleep(FULL_RETRY_MS, signal),
    onFailed: (error) => layer.fail(error),
  });
  const location = objects.location(logObjectKey(log, 0));
  const checkpoints = new Checkpoints({
    objects,
    log,
    nonce,
    map,
    writer,
    sizeBytes: () => layer.layerBytes,
    counted: checkpoint,
    dead,
    replayed,
    upkeep,
    told,
    location,
    // Beside it: the store may take its time.
    onCounted: () => void end.record(),
  });
  const collection = new Collection({
    objects,
    log,
    map,
    answers: lines.answers,
    blocksAtOnce: Math.min(MOST_BLOCKS_MOVED, Math.floor(config.segmentBytes / CELL_BYTES)),
    upkeep,
    confirmed: () => writer.confirmed,
    room: async (bytes) => {
      while (!writer.hasRoom(bytes)) await writer.room();
    },
    move: (moved, bytes) => writer.move(moved, bytes),
    failed: (error) =>
      told.error("Collection has stopped; the disk goes on, and takes more space", {
        location,
        reason: String(error),
      }),
  });
  const fetcher = new Fetcher(objects, log, lines);
  const cells = (segment: number) => writer.cells(segment);
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
    ref,
    sizeBytes,
    layerBytes: record.sizeBytes,
    map,
    reader,
    writer,
    journal,
    reached: () => end.reached,
    usage: (waitingWrites) =>
      layerUsage({
        ...{ objects, tally, prices: config.prices, map, waitingWrites },
        written: { writer, maxBufferedBytes, journal },
      }),
    resized: async (bytes) => {
      if (!(await records.change(ref.layer, { sizeBytes: bytes })))
        throw new CodedError("layer-not-found", { ...ref });
    },
    closed: async () => {
      writeBack.stop();
      // All at once: each may wait for another.
      await Promise.all([collection.stop(), writer.stop(), checkpoints.stop(), fetcher.stop()]);
      await end.record();
      await options.closed(layer);
    },
  });
  try {
    if (unreplayed !== undefined) {
      await replayJournal(unreplayed, writer);
      cutOff(map, record.sizeBytes);
      await unreplayed.replayed();
    }
    // Of nobody any more: the fence says that they don't count.
    await prompt.remove(strays.map((number) => logObjectKey(log, number)));
    await end.record();
    return layer;
  } catch (error) {
    await layer.close();
    throw error;
  }
};

/** So many lines are copied before others get their turn. */
const LINES_PER_TURN = 8;

/** What was just written is likely to be read. */
const keepLines = async (lines: LogLines, segment: number, cells: Buffer): Promise<void> => {
  for (let line = 0; line * LINE_BYTES < cells.length; line++) {
    lines.set(segment, line, cells.subarray(line * LINE_BYTES, (line + 1) * LINE_BYTES));
    if ((line + 1) % LINES_PER_TURN === 0) await setImmediate();
  }
};
