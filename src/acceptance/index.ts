export { type Feature, type Scenario, scenariosOf } from "./feature.ts";
export { FeatureLibrary, hashOf } from "./library.ts";
export type { RunMessage, RunRequest, ScenarioEnd } from "./messages.ts";
export { type Place, thisPackage } from "./place.ts";
export { runFeaturesInProcess } from "./run-process.ts";
