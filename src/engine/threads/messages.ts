import type {
  BlockSizes,
  Capabilities,
  Cut,
  DatastoreStatus,
  DatastoreUsage,
  Examination,
  ExportAddress,
  JsonObject,
  LayerInfo,
  LayerRef,
  LayerSpec,
  LayerUsage,
  Loss,
  MoveBudgets,
  Observation,
  Stamp,
  StoreOutage,
  Sweep,
  Verification,
} from "../../contract/index.ts";
import type { EqualAnswer, MoveResult, Verdict } from "../../disks/index.ts";
import type { ImageFile } from "../../images/index.ts";
import type { ExportedRemains, RemainsToExport } from "./export-remains.ts";

/** A disk to be opened, as the owner record names it. */
export interface OpenDisk {
  readonly disk: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly layer: LayerRef;
  readonly epoch: number;
}

/** A disk that is still to get its layer: it reads from an image, and nobody can attach to it. */
export type OpenImage = Pick<OpenDisk, "disk" | "name" | "sizeBytes" | "blockSizes"> & {
  readonly image: ImageFile;
};

/** What opening a disk has found out. */
export interface OpenedDisk {
  readonly addresses: readonly ExportAddress[];
  readonly location: string;
  readonly durability: "local" | "remote" | "none";
}

export interface RunMove {
  readonly disk: string;
  /** A layer stamped `target` for this disk, or an image that is made for it. */
  readonly target: LayerRef | ImageFile;
  /** The target holds what an earlier move has left there. */
  readonly resume?: boolean;
  readonly strategy: string;
  readonly budgets: MoveBudgets;
  readonly verify: Verification["mode"];
  readonly commitMs: number;
}

/** The layer of a disk that is not open, and how long it is. */
export interface ClosedLayer {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
}

export interface DatastoreFacts {
  readonly id: string;
  readonly capabilities: Capabilities;
}

/**
 * What the control plane may ask of a disk thread: plain data both ways. The same commands serve the in-thread form
 * and a worker, over a message port in each case, so that nothing works in one and not in the other.
 */
export interface Commands {
  "datastores.list": { input: Record<string, never>; answer: readonly DatastoreFacts[] };
  "datastores.check": { input: { datastore: string; brief: boolean }; answer: DatastoreStatus };
  /** Of this thread's instance; undefined where its store charges for nothing. */
  "datastores.usage": { input: { datastore: string }; answer: DatastoreUsage | undefined };
  "datastores.examine": {
    input: { datastore: string; layer: string | undefined; verify: boolean };
    answer: Examination;
  };
  "datastores.export": { input: RemainsToExport & LayerRef; answer: ExportedRemains };
  "datastores.cut": { input: LayerRef & { cutAt: number; confirmed: boolean }; answer: Cut };
  "datastores.accept-loss": { input: LayerRef & { confirmed: boolean }; answer: Loss };
  "datastores.sweep": {
    input: { datastore: string; confirmed: boolean; known: readonly string[]; layer: string | undefined };
    answer: Sweep;
  };
  "layers.create": { input: { datastore: string; spec: LayerSpec }; answer: undefined };
  "layers.stamp": { input: LayerRef & { stamp: Stamp }; answer: undefined };
  /** The owned layer of a disk that is closed: beyond `toBytes` it reads as zeroes, durably. */
  "layers.clear-end": { input: ClosedLayer & { toBytes: number }; answer: undefined };
  "layers.resize": { input: ClosedLayer & { toBytes: number }; answer: undefined };
  "layers.inspect": { input: LayerRef; answer: LayerInfo | undefined };
  "layers.remove": { input: LayerRef; answer: undefined };
  "disks.open": { input: OpenDisk; answer: OpenedDisk };
  "disks.open-image": { input: OpenImage; answer: undefined };
  /** `onlyIdle`: refused with `disk-in-use` while clients are attached. */
  "disks.close": { input: { disk: string; onlyIdle: boolean; flush: boolean }; answer: undefined };
  /** The active layer is so long, durably; no client is told yet. */
  "disks.lengthen": { input: { disk: string; sizeBytes: number }; answer: undefined };
  /** Clients that connect from now on are told this size. */
  "disks.announce-size": { input: { disk: string; sizeBytes: number }; answer: undefined };
  "disks.adopt": {
    input: { disk: string; export: string; fd: number; negotiated: JsonObject };
    answer: undefined;
  };
  /** Resolves when the active layer has answered a write and a flush since it became active; answers the pause for it. */
  "disks.confirm": { input: { disk: string; maxPauseMs: number }; answer: { pauseMs: number } };
  /** Of the active layer; undefined where its store charges for nothing and lacks nothing. */
  "disks.usage": { input: { disk: string }; answer: LayerUsage | undefined };
  "disks.digest": { input: { disk: string; hash: string }; answer: { digest: string } };
  "moves.run": { input: RunMove; answer: MoveResult };
  "moves.switch": { input: { disk: string }; answer: EqualAnswer };
  "moves.decide": { input: { disk: string; verdict: Verdict }; answer: { pauseMs: number } };
  /** Also before the move has opened its target; of a disk that isn't moved it changes nothing. */
  "moves.adjust": { input: { disk: string; budgets: MoveBudgets }; answer: undefined };
  "metrics.read": { input: Record<string, never>; answer: readonly JsonObject[] };
  "thread.stop": { input: Record<string, never>; answer: undefined };
}
export type CommandName = keyof Commands;

/** What a disk thread says unasked. */
export type PlaneEvent =
  | { readonly event: "move-progress"; readonly disk: string; readonly progress: JsonObject }
  | { readonly event: "move-ready"; readonly disk: string; readonly ready: boolean }
  | { readonly event: "move-stunned"; readonly disk: string }
  /** Null when the store answers again. */
  | { readonly event: "store-outage"; readonly datastore: string; readonly outage: StoreOutage | null }
  | {
      readonly event: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly data: JsonObject;
    };

/** To a disk thread. */
export type Request =
  | { readonly id: number; readonly command: CommandName; readonly input: unknown }
  | { readonly cancel: number; readonly reason: Observation };
/** From a disk thread. Errors cross as observations: as an `Error` they would arrive stripped. */
export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: Observation }
  | { readonly id: number; readonly progress: JsonObject }
  | PlaneEvent;
