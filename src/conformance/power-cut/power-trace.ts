import { markOfPath, type TaskMark } from "../datastore-tasks.ts";
import { fatesOf, type Random } from "./fates.ts";
import { Replay } from "./replay.ts";
import { digestOf, writeState } from "./state-folder.ts";
import { markCalls, reachCalls } from "./strace-command.ts";
import { bytesOf, type Call, callsOf } from "./strace-text.ts";

/** A task's mark and the line of the trace at which it was left. */
interface Mark extends TaskMark {
  readonly line: number;
}

/** One state in which a power cut could leave the directory. */
export interface PowerCut {
  /** The marks that had been left. */
  readonly marks: readonly TaskMark[];
  /** What had reached storage, in words. */
  readonly fate: string;
  /** Makes the folder, which must be there and empty, what was left. */
  writeTo(folder: string): void;
}

/** When the power fails, and how often the chance is tried of what is left then. */
export interface PowerCutOptions {
  /**
   * Once everything has ended; when the task that was asked last has just been answered; or at so many moments beside
   * those at which something was answered.
   */
  readonly moments: "rest" | "answer" | number;
  /** How many states by chance for each moment, beside the extreme ones. */
  readonly chances: number;
  readonly random: Random;
}

/** What a traced process did to a directory, and what power cuts could have left of that. */
export class PowerTrace {
  readonly #calls: readonly Call[];
  readonly #place: { readonly root: string; readonly cwd: string };
  readonly #marks: readonly Mark[];
  readonly #touched: readonly number[];
  /** What was done to the directory that the trace doesn't show. */
  readonly unseen: ReadonlySet<string>;

  constructor(text: string, place: { readonly root: string; readonly cwd: string }) {
    this.#calls = callsOf(text);
    this.#place = place;
    this.#marks = this.#calls.flatMap(({ name, args, ended }) => {
      const mark = markCalls.includes(name) ? markOfPath(bytesOf(args.join()).toString()) : undefined;
      return mark === undefined ? [] : [{ ...mark, line: ended }];
    });
    const replay = new Replay(this.#calls, place);
    replay.advance(Number.POSITIVE_INFINITY);
    this.#touched = replay.touched;
    this.unseen = replay.unseen;
  }

  /** Whether it has reached a server: what that keeps is of one moment, and can't be put back for another. */
  get reachesServer(): boolean {
    return this.#calls.some(({ name, args }) => reachCalls.includes(name) && /AF_INET/.test(args[1] ?? ""));
  }

  /** Whether anything was done to the directory. */
  get empty(): boolean {
    return this.#touched.length === 0;
  }

  /**
   * The states that power cuts could leave after the task `settled` was answered; everything that was done before has
   * long reached storage by then.
   */
  *cuts(settled: number, { moments, chances, random }: PowerCutOptions): Iterable<PowerCut> {
    const replay = new Replay(this.#calls, this.#place);
    const begin = this.#answered(settled);
    replay.advance(begin);
    replay.tree.settleAll(begin);
    const seen = new Set<string>();
    for (const line of this.#moments(begin, moments, random)) {
      replay.advance(line + 1);
      const marks = this.#marks.filter((mark) => mark.line <= line);
      for (const fate of fatesOf(random, replay.tree.volatile ? chances : 0)) {
        const state = replay.tree.survivor(fate);
        const key = `${marks.length} ${digestOf(state)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        yield { marks, fate: fate.words, writeTo: (folder) => writeState(state, folder) };
      }
    }
  }

  #answered(number: number): number {
    return this.#marks.find((mark) => mark.number === number && mark.event !== "asked")?.line ?? 0;
  }

  #moments(begin: number, moments: PowerCutOptions["moments"], random: Random): readonly number[] {
    const lines = [...this.#marks.map(({ line }) => line), ...this.#touched];
    const later = [...new Set(lines)].filter((line) => line > begin).sort((a, b) => a - b);
    const last = later.at(-1) ?? begin;
    if (moments === "rest") return [last];
    if (moments === "answer") return [this.#answered(Math.max(...this.#marks.map(({ number }) => number)))];
    const answers = this.#marks.filter(({ event, line }) => event !== "asked" && line > begin);
    const chosen = new Set([...answers.map(({ line }) => line), last]);
    const others = later.filter((line) => !chosen.has(line));
    for (let count = 0; count < moments && others.length > 0; count++)
      for (const line of others.splice(random(others.length), 1)) chosen.add(line);
    return [...chosen].sort((a, b) => a - b);
  }
}
