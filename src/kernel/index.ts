export {
  type ConfigurationFlags,
  type ConfigurationSources,
  loadConfiguration,
  type RawConfiguration,
  shownConfiguration,
} from "./configuration.ts";
export type { DescribedPlugin } from "./describe.ts";
export type { BuiltIns, Discovered } from "./discover.ts";
export { dataDirOf, type Environment } from "./environment.ts";
export { createKernel, type DescribedInstance, type Kernel, type KernelOptions } from "./kernel.ts";
export type { KernelPlane } from "./planes.ts";
export type { Problem } from "./problem.ts";
export type { Service } from "./register.ts";
export type { ServerConfiguration } from "./server.ts";
export { type CheckedConfiguration, checkConfiguration } from "./validate.ts";
