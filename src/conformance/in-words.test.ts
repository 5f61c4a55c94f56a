import { TestStepResultStatus } from "@cucumber/messages";
import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { createCodebook } from "../observations/index.ts";
import { inWords } from "./in-words.ts";

const moment = { seconds: 0, nanos: 0 };
const failedWith = (error: Error) => ({
  testStepFinished: {
    testCaseStartedId: "1",
    testStepId: "2",
    timestamp: moment,
    testStepResult: {
      status: TestStepResultStatus.FAILED,
      duration: moment,
      message: `${error}\n    at step (file.ts:1:2)`,
      exception: {
        type: error.name,
        message: error.message,
        stackTrace: `${error}\n    at step (file.ts:1:2)`,
      },
    },
  },
});

test("a step that failed with a code is told in the sentence of the code, and what to do", () => {
  const error = new CodedError("too-wet", { room: "cellar" });
  const tooWet = { kind: "bad-input", message: "{room} is too wet", remedy: "Heat it" } as const;
  const told = inWords(failedWith(error), createCodebook({ "too-wet": tooWet })).testStepFinished;
  expect(told?.testStepResult).toMatchObject({
    message: "cellar is too wet; heat it.\n    at step (file.ts:1:2)",
    exception: {
      message: "cellar is too wet; heat it.",
      stackTrace: "cellar is too wet; heat it.\n    at step (file.ts:1:2)",
    },
  });
});

test("any other failure is told as it is", () => {
  const envelope = failedWith(new Error('too-wet {"room":"cellar"}'));
  expect(inWords(envelope, createCodebook())).toBe(envelope);
});
