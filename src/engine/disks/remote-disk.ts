import type { LayerUsage, MoveBudgets } from "../../contract/index.ts";
import type {
  DiskHandle,
  EqualAnswer,
  MoveListener,
  MoveResult,
  MoveStart,
  Verdict,
} from "../../disks/index.ts";
import type { PlaneEvent } from "../threads/messages.ts";
import type { PlaneLink } from "../threads/plane-link.ts";

/** A disk that lives in a disk thread. */
export class RemoteDisk implements DiskHandle {
  readonly disk: string;
  readonly #link: PlaneLink;
  #listener: MoveListener | undefined;

  constructor(disk: string, link: PlaneLink) {
    this.disk = disk;
    this.#link = link;
  }

  async runMove(start: MoveStart, listener: MoveListener, signal: AbortSignal): Promise<MoveResult> {
    this.#listener = listener;
    try {
      return await this.#link.request("moves.run", { disk: this.disk, ...start }, { signal });
    } finally {
      if (this.#listener === listener) this.#listener = undefined;
    }
  }

  requestSwitch(): Promise<EqualAnswer> {
    return this.#link.request("moves.switch", { disk: this.disk });
  }

  decide(verdict: Verdict): Promise<{ readonly pauseMs: number }> {
    return this.#link.request("moves.decide", { disk: this.disk, verdict });
  }

  async adjust(budgets: MoveBudgets): Promise<void> {
    await this.#link.request("moves.adjust", { disk: this.disk, budgets });
  }

  async lengthen(sizeBytes: number): Promise<void> {
    await this.#link.request("disks.lengthen", { disk: this.disk, sizeBytes });
  }

  async announceSize(sizeBytes: number): Promise<void> {
    await this.#link.request("disks.announce-size", { disk: this.disk, sizeBytes });
  }

  confirm(maxPauseMs: number): Promise<{ readonly pauseMs: number }> {
    return this.#link.request("disks.confirm", { disk: this.disk, maxPauseMs });
  }

  /** What its active layer costs and holds, as of now. */
  usage(): Promise<LayerUsage | undefined> {
    return this.#link.request("disks.usage", { disk: this.disk });
  }

  /** What the thread says of the disk's move. */
  hear(event: PlaneEvent): void {
    if (event.event === "move-ready") this.#listener?.onReady(event.ready);
    else if (event.event === "move-stunned") this.#listener?.onStunned();
    else if (event.event === "move-progress") this.#listener?.onProgress(event.progress);
  }
}
