import type { Envelope } from "@cucumber/messages";
import { CodedError } from "../contract/index.ts";
import { type Codebook, observationOf, sentenceOf } from "../observations/index.ts";

/** The text of a `CodedError`, which has no more than its code and data. */
const codedText = /^([a-z0-9-]+) (\{.*\})$/s;

const sentenceIn = (text: string, codebook: Codebook): string | undefined => {
  const [, code, data] = codedText.exec(text) ?? [];
  if (code === undefined || data === undefined) return undefined;
  const error = new CodedError(code, JSON.parse(data) as CodedError["data"]);
  return sentenceOf(observationOf(error), codebook);
};

/** The message, where it is about a step that failed with a code: with the sentence that the code stands for. */
export const inWords = (envelope: Envelope, codebook: Codebook): Envelope => {
  const { testStepFinished } = envelope;
  const { testStepResult } = testStepFinished ?? {};
  const { exception, message } = testStepResult ?? {};
  const text = exception?.message ?? "";
  const sentence = exception?.type === "CodedError" ? sentenceIn(text, codebook) : undefined;
  if (!testStepFinished || !testStepResult || !exception || sentence === undefined) return envelope;
  const told = (from: string | undefined) => from?.replace(`CodedError: ${text}`, () => sentence);
  const stackTrace = told(exception.stackTrace);
  return {
    testStepFinished: {
      ...testStepFinished,
      testStepResult: {
        ...testStepResult,
        ...(message === undefined ? {} : { message: told(message) ?? message }),
        exception: {
          ...exception,
          message: sentence,
          ...(stackTrace === undefined ? {} : { stackTrace }),
        },
      },
    },
  };
};
