import { CodedError, type JobContext, type JsonObject } from "../../contract/index.ts";
import { type Deferred, deferred } from "../../disks/deferred.ts";
import type { DiskHandle, MoveResult } from "../../disks/index.ts";
import type { CommitTime } from "./commit-time.ts";
import type { MigrationControl } from "./control.ts";
import { groupProgress } from "./group-progress.ts";
import type { MigrationHost } from "./host.ts";
import { budgetsOf } from "./input.ts";
import { isOver, type Planned } from "./output.ts";

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
  readonly #control: MigrationControl;
  readonly #times: CommitTime;
  readonly #abort = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #members: Member[] = [];
  #changed: Deferred<void> = deferred();
  #deciding = false;
  /** The budget of the switch-over that is tried now, and the largest that any had. */
  #allowedMs = 0;
  #mostAllowedMs = 0;
  #heldTooLong = false;
  /** Grows when a try begins and when it comes to nothing. */
  #turn = 0;

  constructor(options: {
    host: MigrationHost;
    job: JobContext;
    planned: readonly Planned[];
    control: MigrationControl;
    times: CommitTime;
  }) {
    this.#host = options.host;
    this.#job = options.job;
    this.#planned = options.planned;
    this.#control = options.control;
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
    this.#control.onAdjusted(() => this.tellBudgets());
  }

  /** Resolves when the rest of every disk fits the budget; rejects with the first move that failed. */
  allReady(): Promise<void> {
    return this.#until(() => this.#members.every(({ ready }) => ready));
  }

  /**
   * Resolves when the job may switch over by itself, at once or once its operator says so; until then the disks keep
   * their targets nearly equal, for as long as it takes. Rejects with the first move that failed.
   */
  allowed(): Promise<void> {
    return this.#until(() => this.#control.input.switchOver === "auto");
  }

  /** Whether a guest was held longer than it was allowed at that time. */
  exceeded(pauseMs: number): boolean {
    return this.#heldTooLong || isOver(pauseMs, this.#mostAllowedMs);
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
    const { maxPauseMs } = this.#control.input;
    this.#allowedMs = maxPauseMs;
    this.#mostAllowedMs = Math.max(this.#mostAllowedMs, maxPauseMs);
    const recorded = this.#recordStun(++this.#turn);
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
      const [answers] = await Promise.race([Promise.all([equal, recorded]), late.promise]);
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
    this.#change(() => this.#turn++);
    await this.release();
    // A record of the stun that is under way stands before that of its end.
    await recorded.catch(() => undefined);
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
    const { input } = this.#control;
    const { strategy, verify } = input;
    const handle = this.#host.handle(row.id);
    const member: Member = { handle, ready: false, stunned: false, progress: {}, run: Promise.reject() };
    member.run.catch(() => undefined);
    const listener = {
      onReady: (ready: boolean) => this.#change(() => (member.ready = ready)),
      onStunned: () => this.#change(() => (member.stunned = true)),
      onProgress: (progress: JsonObject) => {
        member.progress = progress;
        this.#tell();
      },
    };
    const start = { target, strategy, budgets: budgetsOf(input), verify, commitMs: this.#times.p99Ms };
    member.run = handle.runMove(start, listener, this.#abort.signal);
    member.run.catch((error: unknown) => this.#change(() => (this.#failure ??= { error })));
    return member;
  }

  /** Resolves when the disks go by what is in force. A disk that can't be told any more has ended its move. */
  async tellBudgets(): Promise<void> {
    const { input, wasReady } = this.#control;
    const patient = wasReady && input.switchOver === "manual";
    const budgets = { ...budgetsOf(input), ...(patient && { patient }) };
    this.#change(() => this.#tell());
    await Promise.allSettled(this.#members.map(({ handle }) => handle.adjust(budgets)));
  }

  #tell(): void {
    const { input } = this.#control;
    const progress = {
      ...groupProgress(this.#members.map((member) => member.progress)),
      switchOver: input.switchOver,
      budgets: { maxBytesPerSecond: null, ...budgetsOf(input) },
    };
    this.#control.progress = progress;
    this.#job.progress(progress);
  }

  async #until(holds: () => boolean): Promise<void> {
    for (this.check(); !holds(); this.check()) await this.#changed.promise;
  }

  /** Nothing where the try has come to nothing meanwhile. */
  async #recordStun(turn: number): Promise<void> {
    await this.#until(() => this.#turn !== turn || this.#members.every(({ stunned }) => stunned));
    if (this.#turn !== turn) return;
    await this.#host.probe("stunned/done");
    await this.#host.store.jobs.journal(this.#job.id, "stunned");
    await this.#host.probe("stunned/recorded");
  }

  async #decideAll(verdict: "swap" | "release"): Promise<void> {
    const decided = await Promise.allSettled(this.#members.map(({ handle }) => handle.decide(verdict)));
    for (const decision of decided)
      if (decision.status === "fulfilled")
        this.#heldTooLong ||= isOver(decision.value.pauseMs, this.#allowedMs);
      else
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
