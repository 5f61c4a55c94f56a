import { writeFile } from "node:fs/promises";
import type { Envelope } from "@cucumber/messages";
import type { Reporter } from "../conformance.ts";
import { demandWritable } from "./demand-writable.ts";

/** Writes Cucumber's messages, one a line, of all subjects as one stream. */
export const ndjsonFile = (path: string): Reporter => {
  const envelopes: Envelope[] = [];
  return {
    begin: () => demandWritable(path),
    message: (envelope) => void envelopes.push(envelope),
    end: () => writeFile(path, envelopes.map((envelope) => `${JSON.stringify(envelope)}\n`).join("")),
  };
};
