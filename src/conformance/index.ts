export { type EarlierSchema, earlierSchemas, newestVersion } from "../catalog/index.ts";
export { conform } from "./conform.ts";
export {
  type Conformance,
  type ConformOptions,
  type Reporter,
  type SubjectFacts,
  type SubjectResult,
  silent,
} from "./conformance.ts";
export type { Coverage, Share } from "./coverage.ts";
export {
  type DatastoreTask,
  type DatastoreTaskAnswer,
  markedBytes,
  marksOf,
  type TaskMark,
} from "./datastore-tasks.ts";
export { openTables } from "./engine-tables.ts";
export { type FaultKind, InjectedFault } from "./injected-fault.ts";
export { planeOf, tokenOf } from "./kit.ts";
export { DoomedMoveServers } from "./moves/doomed-servers.ts";
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
export { htmlFile } from "./reporters/html.ts";
export { jsonFile, jsonText } from "./reporters/json.ts";
export { junitFile } from "./reporters/junit.ts";
export { ndjsonFile } from "./reporters/ndjson.ts";
export { type TextSink, terminal } from "./reporters/terminal.ts";
export { type Counts, countsText, type ScenarioResult } from "./tally.ts";
