import { reasonOf } from "../../src/contract/index.ts";
import { type BenchOptions, refuse } from "../options.ts";
import { type Goal, type Verdict, verdictText } from "../report/goals.ts";
import type { Series } from "../report/series.ts";
import { type Column, tableOf } from "../report/table.ts";
import type { Place } from "./place.ts";
import { repeat, type Subject } from "./repeat.ts";

export interface BenchSetUp {
  readonly options: BenchOptions;
  readonly places: readonly Place[];
  readonly signal: AbortSignal;
  /** Where the table goes. */
  readonly out: NodeJS.WritableStream;
}

/** What is measured together and printed as one table. */
export interface Work {
  readonly place: string;
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly columns: readonly Column[];
}

/** One run of the bench: how much is asked for, where, and what was found so far. */
export class Bench {
  readonly places: readonly Place[];
  readonly signal: AbortSignal;
  readonly quick: boolean;
  readonly series: Series[] = [];
  readonly notes: string[] = [];
  readonly #verdicts: Verdict[] = [];
  readonly #setUp: BenchSetUp;
  readonly #known = new Set<string>();

  constructor(setUp: BenchSetUp) {
    this.#setUp = setUp;
    this.places = setUp.places;
    this.signal = setUp.signal;
    this.quick = setUp.options.quick;
  }

  /** Repetitions, given by the user, else the usual number or the quick one. */
  repetitions(usual: number, quick: number): number {
    return this.#setUp.options.repetitions ?? this.sized(usual, quick);
  }

  /** The usual size of something, or the quick one. */
  sized(usual: number, quick: number): number {
    return this.quick ? quick : usual;
  }

  wants(work: string): boolean {
    this.#known.add(work);
    const { only } = this.#setUp.options;
    return only.length === 0 || only.some((text) => work.includes(text));
  }

  say(line: string): void {
    this.#setUp.out.write(`${line}\n`);
  }

  /** Said now, and again in the JSON file. */
  note(line: string): void {
    if (!this.notes.includes(line)) this.say(line);
    this.notes.push(line);
  }

  /** Measures the subjects in turns and prints them; what fails is noted and left out from then on. */
  async measure({ place, name, subjects, columns }: Work, repetitions: number): Promise<readonly Series[]> {
    const measured = await repeat({
      place,
      work: name,
      subjects,
      repetitions,
      // A quick run says when others interfered; only a real one measures again.
      triesMost: this.quick ? 1 : 3,
      signal: this.signal,
      failed: (subject, error) => this.note(`${place}, ${name}: ${subject} failed: ${reasonOf(error)}`),
    });
    this.series.push(...measured);
    this.say(`\n${place}, ${name}`);
    this.say(tableOf(measured, columns));
    return measured;
  }

  /** Refuses what `--only` was given where nothing was measured for it. */
  demandWork(): void {
    if (this.series.length > 0) return;
    const only = this.#setUp.options.only.join(", ");
    throw refuse(`--only ${only} fits nothing; there are: ${[...this.#known].join("; ")}`);
  }

  /** Whether something of ours could not be measured. */
  get failed(): boolean {
    return this.series.some(({ ours, failure }) => ours && failure !== undefined);
  }

  /** Said now, and again in the JSON file. */
  sayGoals(goals: readonly Goal[]): void {
    const verdicts = goals.flatMap((goal) => goal.judge(this.series));
    this.#verdicts.push(...verdicts);
    if (verdicts.length > 0) this.say(`\nGoals\n${verdicts.map(verdictText).join("\n")}`);
  }

  /** What the JSON file has of the run itself. */
  get findings(): object {
    return { notes: this.notes, goals: this.#verdicts, series: this.series };
  }
}
