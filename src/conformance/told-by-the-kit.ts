import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from "@cucumber/gherkin";
import { type Envelope, SourceMediaType, TestStepResultStatus, TimeConversion } from "@cucumber/messages";
import { packageRoot, pluginFeature } from "./kit.ts";
import type { Mishap } from "./phases.ts";

const at = (ms: number) => TimeConversion.millisecondsSinceEpochToTimestamp(ms);
const none = TimeConversion.millisecondsToDuration(0);

/** The result of a step that the kit itself has found to fail. */
export const failedStep = (message: string) => ({
  status: TestStepResultStatus.FAILED,
  duration: none,
  message,
  exception: { type: "PluginMishap", message },
});

/**
 * The messages about what the kit itself finds of a plugin's coming and going, in the words of its feature: as if that
 * had been run like any other.
 */
export const createToldByTheKit = (emit: (envelope: Envelope) => void) => {
  const newId = randomUUID;
  const data = readFileSync(join(packageRoot, pluginFeature), "utf8");
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const gherkinDocument = { ...parser.parse(data), uri: pluginFeature };
  const pickles = compile(gherkinDocument, pluginFeature, newId);
  emit({ source: { data, uri: pluginFeature, mediaType: SourceMediaType.TEXT_X_CUCUMBER_GHERKIN_PLAIN } });
  emit({ gherkinDocument });
  for (const pickle of pickles) emit({ pickle });

  /** Of the phase's scenario, which has just ended: it passed, or failed as told. */
  return (phase: Mishap["phase"], message?: string, tookMs = 0): void => {
    const pickle = pickles.find(({ tags }) => tags.some(({ name }) => name === `@phase:${phase}`));
    if (!pickle) return;
    const testSteps = pickle.steps.map(({ id }) => ({
      id: newId(),
      pickleStepId: id,
      stepDefinitionIds: [],
    }));
    const ended = at(Date.now());
    const began = at(Date.now() - tookMs);
    const testCaseId = newId();
    const testCaseStartedId = newId();
    emit({ testCase: { id: testCaseId, pickleId: pickle.id, testSteps } });
    emit({ testCaseStarted: { id: testCaseStartedId, testCaseId, attempt: 0, timestamp: began } });
    for (const [index, { id: testStepId }] of testSteps.entries()) {
      const failed = message !== undefined && index === testSteps.length - 1;
      const testStepResult = failed
        ? failedStep(message)
        : { status: TestStepResultStatus.PASSED, duration: none };
      emit({ testStepStarted: { testCaseStartedId, testStepId, timestamp: began } });
      emit({ testStepFinished: { testCaseStartedId, testStepId, testStepResult, timestamp: ended } });
    }
    emit({ testCaseFinished: { testCaseStartedId, timestamp: ended, willBeRetried: false } });
  };
};
