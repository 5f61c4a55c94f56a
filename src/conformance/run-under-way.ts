import type { Envelope, Pickle } from "@cucumber/messages";
import { TimeConversion } from "@cucumber/messages";
import { failedStep } from "./told-by-the-kit.ts";

/** What one process was to run, as far as it has told: to end what it could not, and to go on with the rest. */
export class RunUnderWay {
  readonly #emit: (envelope: Envelope) => void;
  readonly #pickles = new Map<string, Pickle>();
  readonly #cases = new Map<string, { readonly pickleId: string; readonly steps: readonly string[] }>();
  /** Test cases that have not been begun. */
  readonly #waiting = new Set<string>();
  #running: { readonly id: string; readonly testCaseId: string } | undefined;
  #step: string | undefined;

  constructor(emit: (envelope: Envelope) => void) {
    this.#emit = emit;
  }

  readonly take = (envelope: Envelope): void => {
    const { pickle, testCase, testCaseStarted, testStepStarted, testCaseFinished } = envelope;
    if (pickle) this.#pickles.set(pickle.id, pickle);
    if (testCase) {
      const steps = testCase.testSteps.map(({ id }) => id);
      this.#cases.set(testCase.id, { pickleId: testCase.pickleId, steps });
      this.#waiting.add(testCase.id);
    }
    if (testCaseStarted) {
      this.#waiting.delete(testCaseStarted.testCaseId);
      this.#running = testCaseStarted;
      this.#step = undefined;
    }
    if (testStepStarted) this.#step = testStepStarted.testStepId;
    if (testCaseFinished) this.#running = undefined;
    this.#emit(envelope);
  };

  /** Ends the scenario in which the process died as a failed one; `false` where it was in none. */
  fail(message: string): boolean {
    const running = this.#running;
    if (!running) return false;
    const timestamp = TimeConversion.millisecondsSinceEpochToTimestamp(Date.now());
    const testCaseStartedId = running.id;
    const testStepId = this.#step ?? this.#cases.get(running.testCaseId)?.steps[0] ?? "";
    this.take({
      testStepFinished: { testCaseStartedId, testStepId, testStepResult: failedStep(message), timestamp },
    });
    this.take({ testCaseFinished: { testCaseStartedId, timestamp, willBeRetried: false } });
    return true;
  }

  /** Where the scenarios are that were never begun. */
  get rest(): readonly string[] {
    return [...this.#waiting].flatMap((id) => {
      const pickle = this.#pickles.get(this.#cases.get(id)?.pickleId ?? "");
      return pickle?.location ? [`${pickle.uri}:${pickle.location.line}`] : [];
    });
  }
}
