import type { Log } from "../../contract/index.ts";
import type { PlaneEvent } from "./messages.ts";
import { PlaneLink } from "./plane-link.ts";
import type { StartedPlane } from "./start-thread.ts";

export interface DiskThreadsOptions {
  /** 0: everything in this thread. */
  readonly count: number;
  readonly start: () => Promise<StartedPlane>;
  readonly log: Log;
  readonly onEvent: (event: PlaneEvent, thread: number) => void;
  /** A thread has ended that should not have, and its exit was seen. */
  readonly onLost: (thread: number, cause: unknown) => void;
}

interface Running {
  readonly link: PlaneLink;
  readonly plane: StartedPlane;
  stopping: boolean;
}

/** The disk threads, each started when it is first needed, and again after it was lost. */
export class DiskThreads {
  readonly #options: DiskThreadsOptions;
  readonly #threads = new Map<number, Promise<Running>>();

  constructor(options: DiskThreadsOptions) {
    this.#options = options;
  }

  /** Number of threads that disks are shared among. */
  get count(): number {
    return Math.max(1, this.#options.count);
  }

  /** What is process-local lives in thread 0; what any thread can do is asked of it too. */
  async link(thread = 0): Promise<PlaneLink> {
    const started = this.#threads.get(thread) ?? this.#start(thread);
    return (await started).link;
  }

  /** The links of all threads that are running. */
  async running(): Promise<readonly PlaneLink[]> {
    const settled = await Promise.allSettled(this.#threads.values());
    return settled.flatMap((thread) => (thread.status === "fulfilled" ? [thread.value.link] : []));
  }

  /** Ends a thread as a crash would, for tests of what must hold then. */
  async kill(thread: number): Promise<void> {
    await (await this.#threads.get(thread))?.plane.kill();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#threads].map(([thread, started]) => this.#stop(thread, started)));
    this.#threads.clear();
  }

  async #stop(thread: number, started: Promise<Running>): Promise<void> {
    const running = await started.catch(() => undefined);
    if (running === undefined) return;
    running.stopping = true;
    await running.link
      .request("thread.stop", {})
      .catch((error) =>
        this.#options.log.warn("a disk thread did not stop well", { thread, error: String(error) }),
      );
    await running.plane.kill();
    running.link.lose(undefined);
  }

  #start(thread: number): Promise<Running> {
    const started = this.#begin(thread);
    this.#threads.set(thread, started);
    // The next call tries again.
    started.catch(() => this.#threads.delete(thread));
    return started;
  }

  async #begin(thread: number): Promise<Running> {
    const plane = await this.#options.start();
    const onEvent = (event: PlaneEvent) => this.#options.onEvent(event, thread);
    const link = new PlaneLink({ port: plane.port, thread, onEvent });
    const running: Running = { link, plane, stopping: false };
    void plane.exited.then((cause) => {
      this.#threads.delete(thread);
      link.lose(cause);
      if (!running.stopping) this.#options.onLost(thread, cause);
    });
    return running;
  }
}
