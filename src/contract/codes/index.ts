import type { DataOfCode } from "./code.ts";
import { datastoreCodes } from "./datastores.ts";
import { diskCodes } from "./disks.ts";
import { doorCodes } from "./doors.ts";
import { featureCodes } from "./features.ts";
import { imageCodes } from "./images.ts";
import { jobCodes } from "./jobs.ts";
import { pluginCodes } from "./plugins.ts";

export { type Code, defineCodes, type ErrorKind } from "./code.ts";

/** The catalogue of codes that every plugin may use. A plugin's own are added from its manifest. */
export const codes = {
  ...pluginCodes,
  ...datastoreCodes,
  ...diskCodes,
  ...jobCodes,
  ...imageCodes,
  ...featureCodes,
  ...doorCodes,
};

/** A code of the catalogue. */
export type KnownCode = keyof typeof codes;

/** The data that a code's sentences need; a plugin's own code takes any. */
export type CodeData<C extends string> = C extends KnownCode
  ? DataOfCode<(typeof codes)[C]> & { readonly [key: string]: unknown }
  : { readonly [key: string]: unknown };
