import type { FunctionDescription } from "../contract/index.ts";
import { describe } from "./front-door/index.ts";
import { engineFunctions } from "./functions/plugin.ts";

/** The functions that every engine has, as data: for help and completion where no engine can be reached. */
export const builtInDescriptions = (): readonly FunctionDescription[] =>
  describe(engineFunctions.map((declared) => ({ function: declared, plugin: "engine" })));
