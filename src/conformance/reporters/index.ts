export { silent } from "../conformance.ts";
export { htmlFile } from "./html.ts";
export { jsonFile, jsonText } from "./json.ts";
export { junitFile } from "./junit.ts";
export { ndjsonFile } from "./ndjson.ts";
export { type TextSink, terminal } from "./terminal.ts";
