export { z } from "zod";
export * from "./aligned-buffer.ts";
export * from "./capabilities.ts";
export {
  type Code,
  type CodeData,
  codes,
  defineCodes,
  type ErrorKind,
  type KnownCode,
} from "./codes/index.ts";
export * from "./context.ts";
export * from "./disks.ts";
export * from "./engine.ts";
export * from "./errors.ts";
export * from "./extension-point.ts";
export * from "./file-path.ts";
export * from "./function.ts";
export * from "./json.ts";
export * from "./observation.ts";
export * from "./plugin.ts";
export * from "./points/catalog.ts";
export * from "./points/datastore.ts";
export * from "./points/disk-export.ts";
export * from "./points/error-sink.ts";
export * from "./points/hash-function.ts";
export * from "./points/index.ts";
export * from "./points/layer.ts";
export * from "./points/migration-strategy.ts";
export * from "./points/rescue.ts";
export * from "./points/usage.ts";
export * from "./read-ahead.ts";
export * from "./services.ts";
