export {
  type ConfigurationFlags,
  type ConfigurationSources,
  loadConfiguration,
  type RawConfiguration,
  shownConfiguration,
} from "./configuration.ts";
export type { DescribedPlugin } from "./describe.ts";
export { type BuiltIns, type Discovered, duplicatesIn } from "./discover.ts";
export { dataDirOf, type Environment } from "./environment.ts";
export { createKernel, type DescribedInstance, type Kernel, type KernelOptions } from "./kernel.ts";
export { manifestFaults, manifestOf } from "./manifest.ts";
export { importPlugin } from "./module.ts";
export { type KernelPlane, pointName } from "./planes.ts";
export { codedProblem, type Problem, problemOf } from "./problem.ts";
export type { Service } from "./register.ts";
export { unknownPoints, unmetByOurs } from "./requirements.ts";
export type { ServerConfiguration } from "./server.ts";
export { type CheckedConfiguration, checkConfiguration } from "./validate.ts";
