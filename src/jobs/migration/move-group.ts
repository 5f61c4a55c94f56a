import { CodedError, type JobContext, type JsonObject } from "../../contract/index.ts";
import { type Deferred, deferred } from "../../disks/deferred.ts";
import type { DiskHandle, MoveResult } from "../../disks/index.ts";
import type { CommitTime } from "./commit-time.ts";
import { groupProgress } from "./group-progress.ts";
import type { MigrationHost } from "./host.ts";
import type { MigrationInput } from "./input.ts";
import type { Planned } from "./output.ts";

interface Member {
  readonly handle: DiskHandle;
  ready: boolean;
  stunned: boolean;
  progress: JsonObject;
  run: Promise<MoveResult>;
}

/** The moves of all disks of one job, which become ready, are held and are let go together. */
export class MoveGroup {
  readonly #host: MigrationHost;
  readonly #job: JobContext;
  readonly #planned: readonly Planned[];
  readonly #input: MigrationInput;
  readonly #times: CommitTime;
  readonly #abort = new AbortController();
  readonly #failed = deferred<never>();
  #failure: { readonly error: unknown } | undefined;
  #members: Member[] = [];
  #changed: Deferred<void> = deferred();
  #deciding = false;

  constructor(options: {
    host: MigrationHost;
    job: JobContext;
    planned: readonly Planned[];
    input: MigrationInput;
    times: CommitTime;
  }) {
    this.#host = options.host;
    this.#job = options.job;
    this.#planned = options.planned;
    this.#input = options.input;
    this.#times = options.times;
  }

  start(): void {
    this.#job.signal.throwIfAborted();
    // While the guests are held for a commit only its outcome counts: a cancel that comes then is too late.
    this.#job.signal.addEventListener(
      "abort",
      () => this.#deciding || this.#abort.abort(this.#job.signal.reason),
    );
    this.#members = this.#planned.map((planned) => this.#member(planned));
  }

  /** Resolves when the rest of every disk fits the budget; rejects with the first move that failed. */
  async allReady(): Promise<void> {
    while (!this.#members.every(({ ready }) => ready))
      await Promise.race([this.#changed.promise, this.#failed.promise]);
  }

  /** Throws the failure of a move that has failed. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * Holds all guests under one deadline. Answers the accounts when every target is equal and durable and there is
   * time left for the commit; otherwise every guest goes on at its source, and the answer is `undefined`.
   */
  async hold(): Promise<readonly MoveResult[] | undefined> {
    const { clock, probe } = this.#host;
    await probe("stunned/before");
    this.#abort.signal.throwIfAborted();
    for (const member of this.#members) {
      member.ready = false;
      member.stunned = false;
    }
    this.#deciding = true;
    const { maxPauseMs } = this.#input;
    const late = deferred<never>();
    const disarm = clock.after(maxPauseMs, () =>
      late.reject(
        new CodedError("deadline-exceeded", { operation: "the switch-over", timeoutMs: maxPauseMs }),
      ),
    );
    const equal = Promise.all(
      this.#members.map(async ({ handle }) => {
        const { result, heldMs } = await handle.requestSwitch();
        return { result, heldSinceMs: clock.monotonicMs() - heldMs };
      }),
    );
    try {
      const [answers] = await Promise.race([Promise.all([equal, this.#recordStun()]), late.promise]);
      // Whoever answered first has been held ever since.
      const heldMs = clock.monotonicMs() - Math.min(...answers.map(({ heldSinceMs }) => heldSinceMs));
      if (heldMs + this.#times.p99Ms <= maxPauseMs) return answers.map(({ result }) => result);
    } catch (error) {
      this.#host.log.debug("a switch-over did not come about", { job: this.#job.id, reason: String(error) });
    } finally {
      disarm();
    }
    // The requests that still run come to nothing; nobody waits for their answers any more.
    equal.catch(() => undefined);
    await this.release();
    await this.#host.store.jobs.journal(this.#job.id, "converging");
    return undefined;
  }

  /** The owner records name the targets: the guests go on there. A thread that was lost meanwhile reopens its disks so. */
  async swap(): Promise<void> {
    await this.#decideAll("swap");
  }

  /** Every guest goes on at its source. */
  async release(): Promise<void> {
    await this.#decideAll("release");
    this.#deciding = false;
    if (this.#job.signal.aborted) this.#abort.abort(this.#job.signal.reason);
  }

  /** After `swap`: the accounts, those of lost threads as they were when the guests were held. */
  async ended(held: readonly MoveResult[]): Promise<readonly MoveResult[]> {
    const settled = await Promise.allSettled(this.#members.map(({ run }) => run));
    return settled.map((result, index) =>
      result.status === "fulfilled" ? result.value : (held[index] as MoveResult),
    );
  }

  /** Ends every move that still runs; resolves when their guests are at their sources for good. */
  async abandon(reason: unknown): Promise<void> {
    this.#abort.abort(reason);
    await Promise.allSettled(this.#members.map(({ run }) => run));
  }

  #member({ row, target }: Planned): Member {
    const { strategy, verify, maxPauseMs, maxAttempts, guestImpact, maxBytesPerSecond } = this.#input;
    const handle = this.#host.handle(row.id);
    const budgets = {
      maxPauseMs,
      maxAttempts,
      guestImpact,
      ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    };
    const member: Member = { handle, ready: false, stunned: false, progress: {}, run: Promise.reject() };
    member.run.catch(() => undefined);
    const listener = {
      onReady: (ready: boolean) => this.#change(() => (member.ready = ready)),
      onStunned: () => this.#change(() => (member.stunned = true)),
      onProgress: (progress: JsonObject) => {
        member.progress = progress;
        this.#job.progress(groupProgress(this.#members.map(({ progress }) => progress)));
      },
    };
    const start = { target, strategy, budgets, verify, commitMs: this.#times.p99Ms };
    member.run = handle.runMove(start, listener, this.#abort.signal);
    member.run.catch((error: unknown) => {
      this.#failure ??= { error };
      this.#failed.reject(error);
    });
    return member;
  }

  async #recordStun(): Promise<void> {
    while (!this.#members.every(({ stunned }) => stunned)) await this.#changed.promise;
    await this.#host.probe("stunned/done");
    await this.#host.store.jobs.journal(this.#job.id, "stunned");
    await this.#host.probe("stunned/recorded");
  }

  async #decideAll(verdict: "swap" | "release"): Promise<void> {
    const decided = await Promise.allSettled(this.#members.map(({ handle }) => handle.decide(verdict)));
    for (const decision of decided)
      if (decision.status === "rejected")
        this.#host.log.warn(
          "a disk did not take the verdict itself; it is reopened as its owner record says",
          {
            job: this.#job.id,
            verdict,
            reason: String(decision.reason),
          },
        );
  }

  #change(change: () => void): void {
    change();
    const changed = this.#changed;
    this.#changed = deferred();
    changed.resolve();
  }
}
