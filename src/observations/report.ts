import type { Observation, Report } from "../contract/observation.ts";
import { type Codebook, rootOf } from "./codebook.ts";
import { redact } from "./redact.ts";
import { sentenceOf } from "./sentence.ts";

/** What a report is made of. */
export type Failure = Pick<Report, "id" | "at" | "task" | "job" | "disks"> & {
  readonly observation: Observation;
};

/** The report of a failure that reached the top, as it may be kept, shown and sent: redacted. */
export const reportOf = ({ observation, ...failure }: Failure, codebook: Codebook): Report => ({
  ...failure,
  sentence: sentenceOf(observation, codebook),
  rootCode: rootOf(observation).code,
  chain: redact(observation, codebook.secrets),
});
