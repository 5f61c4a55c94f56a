import { writeFile } from "node:fs/promises";
import { JUnitXmlPrinter } from "@cucumber/junit-xml-formatter";
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
  let text = "";
  let printer: JUnitXmlPrinter | undefined;
  return {
    begin({ kit }) {
      const suiteName = `pagurus conform ${kit.version} ${kit.features}`;
      printer = new JUnitXmlPrinter({ suiteName }, (part) => {
        text += part;
      });
    },
    message: (envelope) => printer?.update(withSubject(envelope)),
    end: () => writeFile(path, text),
  };
};
