import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExtensionPoint, points } from "../contract/index.ts";
import type { KernelPlane } from "../kernel/index.ts";

/** What results are stamped with: two runs whose stamps are equal checked the same promises. */
export interface KitStamp {
  /** Of this package. */
  readonly version: string;
  /** `sha256:…` over all conformance features. */
  readonly features: string;
}

const here = dirname(fileURLToPath(import.meta.url));
const fromSources = import.meta.url.endsWith(".ts");

export const packageRoot = join(here, fromSources ? "../.." : "../../..");
/** From the package's root. */
const featuresFolder = "features/conformance";
export const stepFiles = join(here, "../../step-definitions/conformance", fromSources ? "*.ts" : "*.js");

/** The features of what every plugin is told to do, whatever it provides: the kit itself carries them out. */
export const pluginFeature = `${featuresFolder}/plugin.feature`;

/** A point's features, from the package's root. */
export const featuresOf = (point: string): string => `${featuresFolder}/${point}/*.feature`;

/** The files of this folder that are processes of their own, as they are built. */
const processes = {
  "catalog-process": "./catalog-process.js",
  "datastore-process": "./datastore-process.js",
  "moves/doomed-process": "./moves/doomed-process.js",
  "subject-process": "./subject-process.js",
} as const;

/** How one of them is run, wherever it is started. */
export const ownProcess = (
  name: keyof typeof processes,
): { readonly file: string; readonly execArgv: readonly string[] } => ({
  file: join(here, fromSources ? `${name}.ts` : processes[name]),
  execArgv: fromSources
    ? ["--import", createRequire(import.meta.url).resolve("tsx"), "--conditions=@pagurus/source"]
    : [],
});

/** The functions of a plugin are a subject like its extension points. */
export const FUNCTION_POINT = "function";

/** `datastore` of the token `pagurus/datastore@1`; empty of what is no extension point of ours. */
export const pointNameOf = (token: unknown): string =>
  /^pagurus\/(.+)@\d+$/.exec(typeof token === "symbol" ? (Symbol.keyFor(token) ?? "") : "")?.[1] ?? "";

/** Whether this kit has features for the point. */
export const hasFeatures = (point: string): boolean =>
  point !== "" && existsSync(join(packageRoot, featuresFolder, point));

/** The points that have features, by name. */
export const knownPoints = (): readonly string[] =>
  [...[...points.keys()].map(pointNameOf), FUNCTION_POINT].filter(hasFeatures);

const factsOf = (point: string) => [...points].find(([token]) => pointNameOf(token) === point);

/** The token of the point `datastore`; `undefined` of `function`, and of what is no point of ours. */
export const tokenOf = (point: string): ExtensionPoint<{ readonly id: string }> | undefined =>
  factsOf(point)?.[0] as ExtensionPoint<{ readonly id: string }> | undefined;

/** Where the objects of a point are put to the test; functions are called in the control plane. */
export const planeOf = (point: string): KernelPlane => {
  const plane = factsOf(point)?.[1].plane ?? "control";
  return plane === "control" ? "control" : "disk";
};

/** The point's section in `pagurus.yaml`; `undefined` where each plugin has one instance. */
export const sectionOf = (point: string) => factsOf(point)?.[1].section;

export const kitStamp = async (): Promise<KitStamp> => {
  const { version } = createRequire(import.meta.url)("pagurus/package.json") as { version: string };
  const root = join(packageRoot, featuresFolder);
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".feature")).sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(root, file)));
  return { version, features: `sha256:${hash.digest("hex")}` };
};
