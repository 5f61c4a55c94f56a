import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this package lies, and what of it is there. */
export interface Place {
  readonly root: string;
  readonly features: string;
  /** Whether the steps of all features are there, and not only those of the conformance kit. */
  readonly checkout: boolean;
}

/** The package that this file belongs to, also where it was built. */
export const thisPackage = (): Place => {
  const above = import.meta.url.endsWith(".ts") ? "../.." : "../../..";
  const root = join(dirname(fileURLToPath(import.meta.url)), above);
  return { root, features: join(root, "features"), checkout: existsSync(join(root, "cucumber.mjs")) };
};
