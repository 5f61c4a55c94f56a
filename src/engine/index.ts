export { crashPoints, type Probe } from "../jobs/index.ts";
export { dataDirOf, loadConfiguration, type RawConfiguration } from "../kernel/index.ts";
export { builtInDescriptions } from "./built-in-descriptions.ts";
export { type CreatedEngine, createEngine, type EngineOptions } from "./create-engine.ts";
export { connectEngine } from "./remote/index.ts";
