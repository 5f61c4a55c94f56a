import { writeFile } from "node:fs/promises";
import type { Envelope } from "@cucumber/messages";
import type { Reporter } from "../conformance.ts";

/** Of two subjects with the same feature, each has a class of its own: subject, then feature. */
const withSubject = (envelope: Envelope): Envelope => {
  const { gherkinDocument } = envelope;
  if (!gherkinDocument?.feature) return envelope;
  const [subject = ""] = (gherkinDocument.uri ?? "").split("/features/");
  const feature = { ...gherkinDocument.feature, name: `${subject}: ${gherkinDocument.feature.name}` };
  return { gherkinDocument: { ...gherkinDocument, feature } };
};

/** Writes the report as JUnit's XML, for what shows the results of continuous integration. */
export const junitFile = (path: string): Reporter => {
  const envelopes: Envelope[] = [];
  return {
    message: (envelope) => void envelopes.push(withSubject(envelope)),
    async end({ kit }) {
      // Loaded here alone: a run without this report needs nothing of it.
      const { JUnitXmlPrinter } = await import("@cucumber/junit-xml-formatter");
      let text = "";
      const suiteName = `pagurus conform ${kit.version} ${kit.features}`;
      const printer = new JUnitXmlPrinter({ suiteName }, (part) => {
        text += part;
      });
      for (const envelope of envelopes) printer.update(envelope);
      await writeFile(path, text);
    },
  };
};
