import { writeFile } from "node:fs/promises";
import type { Conformance, Reporter } from "../conformance.ts";
import { demandWritable } from "./demand-writable.ts";

/** The report as `docs/conformance.md` describes it; each subject has its own results. */
export const jsonText = ({ results: _, ...conformance }: Conformance): string =>
  `${JSON.stringify(conformance, undefined, 2)}\n`;

/** Writes the report as JSON. */
export const jsonFile = (path: string): Reporter => ({
  begin: () => demandWritable(path),
  end: (conformance) => writeFile(path, jsonText(conformance)),
});
