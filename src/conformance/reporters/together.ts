import type { Reporter } from "../conformance.ts";

/** Several reporters as one. */
export const together = (given: Reporter | readonly Reporter[]): Required<Reporter> => {
  const all: readonly Reporter[] = [given].flat();
  const each = (tell: (one: Reporter) => void): void => {
    for (const one of all) tell(one);
  };
  return {
    begin: (run) => each((one) => one.begin?.(run)),
    subject: (subject) => each((one) => one.subject?.(subject)),
    scenario: (result, subject) => each((one) => one.scenario?.(result, subject)),
    message: (envelope) => each((one) => one.message?.(envelope)),
    ended: (subject) => each((one) => one.ended?.(subject)),
    async end(conformance) {
      for (const one of all) await one.end?.(conformance);
    },
  };
};
