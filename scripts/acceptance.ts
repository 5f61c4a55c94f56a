/**
 * `npm run acceptance [-- [disk-threads] <arguments of cucumber>]`: the features in the in-thread form or in the one
 * with disk threads. A run in which no scenario passed fails.
 */
import { runFeatures, skippedText } from "../src/conformance/run-features.ts";
import { countsText } from "../src/conformance/tally.ts";

const args = process.argv.slice(2);
const threads = args[0] === "disk-threads";
const { ok, results, ...counts } = await runFeatures({
  file: "cucumber.mjs",
  profiles: threads ? ["disk-threads"] : [],
  provided: threads ? args.slice(1) : args,
  cwd: process.cwd(),
  stdout: process.stdout,
});
process.stdout.write(`${skippedText(results)}${countsText(counts)}\n`);
process.exit(ok ? 0 : 1);
