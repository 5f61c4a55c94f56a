export { describe, type RegisteredFunction } from "./describe.ts";
export {
  createFrontDoor,
  type FrontDoor,
  type FrontDoorOptions,
  type FunctionFailure,
  type JobAnswer,
  type JobFunction,
} from "./front-door.ts";
export { createTriggers, type Triggers } from "./triggers.ts";
