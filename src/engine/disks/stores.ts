import {
  type Clock,
  CodedError,
  type Cut,
  can,
  type DatastoreStatus,
  type DatastoreUsage,
  type Examination,
  type LayerInfo,
  type LayerRef,
  type LayerSpec,
  type Loss,
  type RescueCall,
  type Stamp,
  type Sweep,
} from "../../contract/index.ts";
import { usageOfAll } from "../../disks/index.ts";
import type { DiskThreads } from "../threads/disk-threads.ts";
import type { ExportedRemains, RemainsToExport } from "../threads/export-remains.ts";
import type { ClosedLayer, DatastoreFacts } from "../threads/messages.ts";
import type { PlaneLink } from "../threads/plane-link.ts";

/** So long a check waits for other threads: one that hangs holds up nobody. */
const OTHERS_MS = 5000;

/** The datastores, as the control plane sees them: asked of a disk thread, for it holds none itself. */
export class Stores {
  readonly #threads: DiskThreads;
  readonly #configured: readonly string[];
  readonly #clock: Clock;
  #facts: Promise<readonly DatastoreFacts[]> | undefined;

  constructor(threads: DiskThreads, configured: readonly string[], clock: Clock) {
    this.#threads = threads;
    this.#configured = configured;
    this.#clock = clock;
  }

  /** Ids, in the order of the configuration. Known without any thread. */
  get ids(): readonly string[] {
    return this.#configured;
  }

  /** Where a disk goes that was given no place. */
  get usual(): string {
    return this.#configured.includes("default") ? "default" : (this.#configured[0] ?? "default");
  }

  /** `datastore-not-found`. */
  demand(id: string): void {
    if (!this.#configured.includes(id))
      throw new CodedError("datastore-not-found", {
        datastore: id,
        known: this.#configured.join(", ") || "none",
      });
  }

  async facts(id: string): Promise<DatastoreFacts> {
    this.demand(id);
    this.#facts ??= this.#threads.link().then((link) => link.request("datastores.list", {}));
    const all = await this.#facts.catch((error: unknown) => {
      this.#facts = undefined;
      throw error;
    });
    return all.find((facts) => facts.id === id) ?? { id, capabilities: {} };
  }

  async isProcessLocal(id: string): Promise<boolean> {
    return can(await this.facts(id), "process-local");
  }

  async durabilityOf(id: string): Promise<"local" | "remote" | "none"> {
    const facts = await this.facts(id);
    if (can(facts, "durability-remote")) return "remote";
    return can(facts, "durability-local") ? "local" : "none";
  }

  async placeOf(
    ref: LayerRef,
  ): Promise<{ readonly location: string; readonly durability: "local" | "remote" | "none" }> {
    const info = await this.inspect(ref);
    return { location: info?.location ?? "", durability: await this.durabilityOf(ref.datastore) };
  }

  async check(datastore: string, { brief = false } = {}): Promise<DatastoreStatus> {
    this.demand(datastore);
    const link = await this.#threads.link();
    const status = await link.request("datastores.check", { datastore, brief });
    if (brief) return status;
    // Each has what it saw last: what isn't so any more is seen by looking again.
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(OTHERS_MS, resolve);
      void this.#lookAgain(datastore, link).finally(() => {
        cancel();
        resolve();
      });
    });
    return status;
  }

  async #lookAgain(datastore: string, checked: PlaneLink): Promise<void> {
    const others = (await this.#threads.running()).filter((other) => other !== checked);
    const look = { datastore, brief: true };
    await Promise.allSettled(others.map((other) => other.request("datastores.check", look)));
  }

  /** What all threads have asked of its store; undefined where that charges for nothing. */
  async usage(datastore: string): Promise<DatastoreUsage | undefined> {
    this.demand(datastore);
    const links = await this.#threads.running();
    const answers = await Promise.allSettled(
      links.map((link) => link.request("datastores.usage", { datastore })),
    );
    const usages = answers.flatMap((answer) =>
      answer.status === "fulfilled" && answer.value !== undefined ? [answer.value] : [],
    );
    const whole = usageOfAll(usages);
    const outages = usages.flatMap(({ outage }) => outage ?? []);
    const [longest] = outages.sort((one, other) => Date.parse(one.since) - Date.parse(other.since));
    const waiting = outages.reduce((sum, outage) => sum + outage.waiting, 0);
    const concern = usages.find((usage) => usage.concern)?.concern;
    return (
      whole && { ...whole, ...(longest && { outage: { ...longest, waiting } }), ...(concern && { concern }) }
    );
  }

  /** What is there by the store alone. `rescue-unsupported`. */
  async examine(
    datastore: string,
    what: { readonly layer: string | undefined; readonly verify: boolean },
    call: RescueCall,
  ): Promise<Examination> {
    this.demand(datastore);
    return (await this.#threads.link()).request("datastores.examine", { datastore, ...what }, call);
  }

  async exportRemains(ref: LayerRef, what: RemainsToExport, call: RescueCall): Promise<ExportedRemains> {
    this.demand(ref.datastore);
    return (await this.#threads.link()).request("datastores.export", { ...ref, ...what }, call);
  }

  async cut(
    ref: LayerRef,
    where: { readonly cutAt: number; readonly confirmed: boolean },
    call: RescueCall,
  ): Promise<Cut> {
    this.demand(ref.datastore);
    return (await this.#threads.link()).request("datastores.cut", { ...ref, ...where }, call);
  }

  async acceptLoss(ref: LayerRef, confirmed: boolean, call: RescueCall): Promise<Loss> {
    this.demand(ref.datastore);
    return (await this.#threads.link()).request("datastores.accept-loss", { ...ref, confirmed }, call);
  }

  async sweep(
    datastore: string,
    what: {
      readonly confirmed: boolean;
      readonly known: readonly string[];
      readonly layer: string | undefined;
    },
    call: RescueCall,
  ): Promise<Sweep> {
    this.demand(datastore);
    return (await this.#threads.link()).request("datastores.sweep", { datastore, ...what }, call);
  }

  async create(datastore: string, spec: LayerSpec): Promise<void> {
    this.demand(datastore);
    await (await this.#threads.link()).request("layers.create", { datastore, spec });
  }

  async stamp(ref: LayerRef, stamp: Stamp): Promise<void> {
    this.demand(ref.datastore);
    await (await this.#threads.link()).request("layers.stamp", { ...ref, stamp });
  }

  /** Beyond `toBytes` the layer of a closed disk reads as zeroes, durably. */
  async clearEnd(layer: ClosedLayer, toBytes: number): Promise<void> {
    await (await this.#threads.link()).request("layers.clear-end", { ...layer, toBytes });
  }

  /** Of a closed disk. */
  async resize(layer: ClosedLayer, toBytes: number): Promise<void> {
    await (await this.#threads.link()).request("layers.resize", { ...layer, toBytes });
  }

  async inspect(ref: LayerRef): Promise<LayerInfo | undefined> {
    this.demand(ref.datastore);
    return (await this.#threads.link()).request("layers.inspect", ref);
  }

  async remove(ref: LayerRef): Promise<void> {
    this.demand(ref.datastore);
    await (await this.#threads.link()).request("layers.remove", ref);
  }
}
