export { type EarlierSchema, earlierSchemas, newestVersion } from "../catalog/index.ts";
export { conform } from "./conform.ts";
export type {
  Conformance,
  ConformOptions,
  Reporter,
  SubjectFacts,
  SubjectResult,
} from "./conformance.ts";
export { connectionsOf } from "./connections.ts";
export type { Coverage, Share } from "./coverage.ts";
export {
  type DatastoreTask,
  type DatastoreTaskAnswer,
  markedBytes,
  marksOf,
  type TaskMark,
} from "./datastore-tasks.ts";
export { openTables } from "./engine-tables.ts";
export { flushed } from "./flushed.ts";
export { type FaultKind, InjectedFault } from "./injected-fault.ts";
export { planeOf, tokenOf } from "./kit.ts";
export { DoomedMoveServer } from "./moves/doomed-server.ts";
export { type RehearsalOptions, RehearsedMove } from "./moves/rehearsed-move.ts";
export { MOVE_STORES, openMoveServer } from "./moves/server.ts";
export {
  type CatalogAnswer,
  type CatalogTask,
  type OtherCatalog,
  startOtherCatalog,
} from "./other-catalog.ts";
export { signaturesElsewhere } from "./other-hash.ts";
export type { OtherProcess } from "./other-process.ts";
export { NoTrace, OtherProcesses } from "./other-processes.ts";
export { openPlugin, type PluginRequest, type PluginUnderTest, registerPlugin } from "./plugin-under-test.ts";
export { type PowerCut, type PowerCutOptions, PowerTrace } from "./power-cut/power-trace.ts";
export {
  htmlFile,
  jsonFile,
  jsonText,
  junitFile,
  ndjsonFile,
  silent,
  type TextSink,
  terminal,
} from "./reporters/index.ts";
export { type Counts, countsText, type ScenarioResult } from "./tally.ts";
