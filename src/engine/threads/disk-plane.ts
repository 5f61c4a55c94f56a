import { closeSync } from "node:fs";
import {
  type Clock,
  CodedError,
  Datastore,
  DiskExport,
  type ExportAttachment,
  type Gauge,
  HashFunction,
  type Layer,
  MigrationStrategy,
  type MoveBudgets,
  type Rescue,
  type RescueCall,
} from "../../contract/index.ts";
import { confirmTarget, Disk, Move, type MoveResult } from "../../disks/index.ts";
import { createImage, openImage } from "../../images/index.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { ThreadMetrics } from "../metrics.ts";
import { digestOf } from "./digest.ts";
import { exportRemains } from "./export-remains.ts";
import type {
  ClosedLayer,
  CommandName,
  Commands,
  OpenDisk,
  OpenedDisk,
  PlaneEvent,
  RunMove,
} from "./messages.ts";
import { openOwned } from "./open-owned.ts";
import { untilLeft } from "./until-left.ts";
import { within } from "./within.ts";

/** How often a running move says where it stands. */
const PROGRESS_MS = 100;
/** What a cancelled or ended move may take to end what it has in flight before it is left to itself. */
const MOVE_END_MS = 10_000;
/** What clients may take to get their answers when a disk is closed. */
const CLOSE_MS = 10_000;

interface OpenedDiskState {
  readonly disk: Disk;
  readonly attachments: ReadonlyMap<string, ExportAttachment>;
  move: RunningMove | undefined;
  /** Those of the move that runs, or that still opens its target. */
  budgets: MoveBudgets | undefined;
}

interface RunningMove {
  readonly move: Move;
  /** Ends it, whatever its job says. */
  readonly abort: AbortController;
  readonly run: Promise<unknown>;
}

type Handlers = {
  [C in CommandName]: (input: Commands[C]["input"], call: RescueCall) => Promise<Commands[C]["answer"]>;
};

/** The disks of one thread. Everything is asked of it by command; see `Commands`. */
export class DiskPlane {
  readonly #kernel: Kernel;
  readonly #clock: Clock;
  readonly #emit: (event: PlaneEvent) => void;
  readonly #metrics: ThreadMetrics;
  readonly #gauges: { readonly disks: Gauge; readonly connections: Gauge; readonly moves: Gauge };
  readonly #disks = new Map<string, OpenedDiskState>();

  constructor(options: {
    kernel: Kernel;
    clock: Clock;
    emit: (event: PlaneEvent) => void;
    metrics: ThreadMetrics;
  }) {
    this.#kernel = options.kernel;
    this.#clock = options.clock;
    this.#emit = options.emit;
    this.#metrics = options.metrics;
    for (const store of options.kernel.all(Datastore))
      store.onOutage?.((outage) => options.emit({ event: "store-outage", datastore: store.id, outage }));
    const { service } = options.metrics;
    this.#gauges = {
      disks: service.gauge("pagurus_open_disks", "Disks that are served"),
      connections: service.gauge("pagurus_disk_connections", "Clients attached to disks"),
      moves: service.gauge("pagurus_running_moves", "Disks that are being moved"),
    };
  }

  async run<C extends CommandName>(
    command: C,
    input: unknown,
    call: RescueCall,
  ): Promise<Commands[C]["answer"]> {
    return this.#handlers[command](input as Commands[C]["input"], call);
  }

  readonly #handlers: Handlers = {
    "datastores.list": async () =>
      this.#kernel.all(Datastore).map(({ id, capabilities }) => ({ id, capabilities })),
    "datastores.check": ({ datastore, brief }) => this.#datastore(datastore).check({ brief }),
    "datastores.usage": async ({ datastore }) => this.#datastore(datastore).usage?.(),
    "datastores.examine": ({ datastore, ...what }, call) => this.#rescue(datastore).examine(what, call),
    "datastores.export": async ({ datastore, layer, ...what }, call) =>
      exportRemains(this.#rescue(datastore), layer, what, call),
    "datastores.cut": ({ datastore, layer, ...where }, call) =>
      this.#rescue(datastore).cut(layer, where, call),
    "datastores.accept-loss": ({ datastore, layer, ...how }, call) =>
      this.#rescue(datastore).acceptLoss(layer, how, call),
    "datastores.sweep": ({ datastore, ...how }, call) => this.#rescue(datastore).sweep(how, call),
    "layers.create": async ({ datastore, spec }) => void (await this.#datastore(datastore).create(spec)),
    "layers.stamp": async ({ datastore, layer, stamp }) =>
      void (await this.#datastore(datastore).stamp(layer, stamp)),
    "layers.clear-end": async ({ toBytes, ...closed }) =>
      this.#withLayer(closed, async (layer) => {
        await layer.zero(toBytes, closed.sizeBytes - toBytes);
        await layer.flush();
      }),
    "layers.resize": ({ toBytes, ...closed }) => this.#withLayer(closed, (layer) => layer.resize(toBytes)),
    "layers.inspect": ({ datastore, layer }) => this.#datastore(datastore).inspect(layer),
    "layers.remove": async ({ datastore, layer }) => void (await this.#datastore(datastore).remove(layer)),
    "disks.open": (input) => this.#open(input),
    "disks.open-image": async ({ image, ...open }) => {
      const disk = new Disk({ ...open, layer: await openImage(image), clock: this.#clock });
      this.#disks.set(open.disk, { disk, attachments: new Map(), move: undefined, budgets: undefined });
    },
    "disks.close": async ({ disk, ...how }) => void (await this.#close(disk, how)),
    "disks.lengthen": async ({ disk, sizeBytes }) =>
      void (await this.#state(disk).disk.active.resize(sizeBytes)),
    "disks.announce-size": async ({ disk, sizeBytes }) => {
      this.#state(disk).disk.sizeBytes = sizeBytes;
    },
    "disks.adopt": async (input) => {
      const attachment = this.#disks.get(input.disk)?.attachments.get(input.export);
      if (attachment?.adopt === undefined) {
        closeSync(input.fd);
        throw new CodedError("disk-closed", { disk: input.disk });
      }
      attachment.adopt(input.fd, input.negotiated);
    },
    "disks.confirm": async ({ disk, maxPauseMs }) => ({
      pauseMs: await confirmTarget(this.#state(disk).disk, this.#clock, maxPauseMs),
    }),
    "disks.usage": async ({ disk }) => this.#state(disk).disk.active.usage?.(),
    "disks.digest": async ({ disk, hash }, { signal }) => ({
      digest: await digestOf(this.#state(disk).disk, this.#kernel.one(HashFunction, hash), signal),
    }),
    "moves.run": (input, { signal }) => this.#move(input, signal),
    "moves.switch": ({ disk }) => this.#moveOf(disk).requestSwitch(),
    "moves.decide": async ({ disk, verdict }) => ({ pauseMs: this.#moveOf(disk).decide(verdict) }),
    "moves.adjust": async ({ disk, budgets }) => {
      const state = this.#state(disk);
      state.budgets = budgets;
      state.move?.move.adjust(budgets);
    },
    "metrics.read": async () => {
      this.#gauges.disks.set(this.#disks.size);
      const open = [...this.#disks.values()];
      this.#gauges.connections.set(open.reduce((sum, { disk }) => sum + disk.connections, 0));
      this.#gauges.moves.set(open.filter(({ move }) => move !== undefined).length);
      return this.#metrics.asJson();
    },
    "thread.stop": async () => {
      // Side by side: a disk that fails, or whose client takes its time, is no other disk's affair.
      const how = { onlyIdle: false, flush: true };
      const closes = await Promise.allSettled([...this.#disks.keys()].map((disk) => this.#close(disk, how)));
      await this.#kernel.stop();
      const failed = closes.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
  };

  #datastore(id: string): Datastore {
    return this.#kernel.one(Datastore, id);
  }

  /** `rescue-unsupported`. */
  #rescue(id: string): Rescue {
    const { rescue } = this.#datastore(id);
    if (rescue === undefined) throw new CodedError("rescue-unsupported", { datastore: id });
    return rescue;
  }

  async #withLayer(
    { ref, sizeBytes }: ClosedLayer,
    work: (layer: Layer) => Promise<void>,
  ): Promise<undefined> {
    const layer = await this.#datastore(ref.datastore).open(ref.layer, { sizeBytes });
    try {
      await work(layer);
    } finally {
      await layer.close();
    }
  }

  #state(id: string): OpenedDiskState {
    const state = this.#disks.get(id);
    if (state === undefined) throw new CodedError("disk-closed", { disk: id });
    return state;
  }

  #moveOf(id: string): Move {
    const { move, disk } = this.#state(id);
    if (move === undefined) throw new CodedError("disk-closed", { disk: disk.name });
    return move.move;
  }

  async #open(open: OpenDisk): Promise<OpenedDisk> {
    const datastore = this.#datastore(open.layer.datastore);
    const { layer, location } = await openOwned(datastore, open);
    const disk = new Disk({ ...open, layer, clock: this.#clock });
    const attachments = new Map<string, ExportAttachment>();
    try {
      for (const diskExport of this.#kernel.all(DiskExport))
        attachments.set(diskExport.id, await diskExport.attach(disk));
    } catch (error) {
      for (const attachment of attachments.values()) await attachment.close();
      await layer.close();
      throw error;
    }
    this.#disks.set(open.disk, { disk, attachments, move: undefined, budgets: undefined });
    const { capabilities } = datastore;
    const durability = capabilities["durability-remote"]
      ? "remote"
      : capabilities["durability-local"]
        ? "local"
        : "none";
    return {
      addresses: [...attachments.values()].flatMap(({ addresses }) => addresses),
      location,
      durability,
    };
  }

  /** Answers clients first; then `flush` makes durable what was written, though nobody was promised it. */
  async #close(id: string, { onlyIdle, flush }: { onlyIdle: boolean; flush: boolean }): Promise<void> {
    const { disk, attachments, move } = this.#state(id);
    const users = [
      ...(disk.connections > 0 ? [attachedText(disk.connections)] : []),
      ...(move === undefined ? [] : ["it is being moved"]),
    ];
    if (onlyIdle && users.length > 0)
      throw new CodedError("disk-in-use", { disk: disk.name, user: users.join(" and ") });
    const closing = [...attachments.values()].map((attachment) => attachment.close());
    await Promise.all(closing.map((closed) => within(CLOSE_MS, this.#clock, closed)));
    this.#disks.delete(id);
    if (move !== undefined) await within(MOVE_END_MS, this.#clock, this.#letGo(id, move));
    try {
      // What is closed for good may have failed for good.
      if (flush) await disk.active.flush();
    } finally {
      await disk.active.close();
    }
  }

  /** Only when nobody is attached any more: whoever waited at the gate must not go on where the guest may not be. */
  async #letGo(disk: string, { move, abort, run }: RunningMove): Promise<void> {
    abort.abort(new CodedError("disk-closed", { disk }));
    move.decide("release");
    await run;
  }

  async #move(input: RunMove, cancel: AbortSignal): Promise<Commands["moves.run"]["answer"]> {
    const state = this.#state(input.disk);
    const { disk } = state;
    const source = disk.active;
    state.budgets = input.budgets;
    const target = await this.#openTarget(input, disk.sizeBytes);
    const say = (event: PlaneEvent) => this.#emit(event);
    const abort = new AbortController();
    const signal = AbortSignal.any([cancel, abort.signal]);
    const move = await closingOnFailure(
      target,
      () =>
        new Move({
          disk,
          target,
          strategy: this.#kernel.one(MigrationStrategy, input.strategy),
          budgets: state.budgets ?? input.budgets,
          verify: input.verify,
          resume: input.resume === true,
          commitMs: input.commitMs,
          clock: this.#clock,
          signal,
          onReady(ready) {
            // Whoever hears that it is ready knows what the switch-over is expected to cost.
            progress();
            say({ event: "move-ready", disk: input.disk, ready });
          },
          onStunned: () => say({ event: "move-stunned", disk: input.disk }),
        }),
    );
    const progress = () => say({ event: "move-progress", disk: input.disk, progress: move.progress() });
    const run = this.#runThenClose(move, state, source, target);
    state.move = { move, abort, run };
    const timer = setInterval(progress, PROGRESS_MS);
    try {
      // A cancelled move whose storage hangs is left to itself: the guest goes on at the source.
      const result = await untilLeft(run, { signal, clock: this.#clock, afterMs: MOVE_END_MS });
      if (disk.active !== source) await within(MOVE_END_MS, this.#clock, source.close());
      return result;
    } finally {
      clearInterval(timer);
      progress();
      if (state.move?.move === move) state.move = undefined;
    }
  }

  async #openTarget({ target, resume = false }: RunMove, sizeBytes: number): Promise<Layer> {
    if ("path" in target) return createImage(target, { resume });
    return this.#datastore(target.datastore).open(target.layer, { sizeBytes });
  }

  /** A move that failed leaves its target to nobody, and one that was to keep it has written it. */
  async #runThenClose(
    move: Move,
    { disk }: OpenedDiskState,
    source: Layer,
    target: Layer,
  ): Promise<MoveResult> {
    try {
      return await move.run();
    } finally {
      if (disk.active === source) await target.close();
    }
  }
}

async function closingOnFailure<T>(layer: Layer, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    await layer.close();
    throw error;
  }
}

const attachedText = (clients: number): string =>
  clients === 1 ? "a client is attached" : `${clients} clients are attached`;
