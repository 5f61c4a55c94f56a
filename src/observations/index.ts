export { type Codebook, createCodebook, kindOf, pathOf } from "./codebook.ts";
export { redactJson } from "./redact.ts";
export { type Failure, reportOf } from "./report.ts";
export { sentenceOf } from "./sentence.ts";
export { observationOf, task } from "./task.ts";
export { errorOf } from "./wire.ts";
