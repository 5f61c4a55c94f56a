/**
 * `npm run acceptance [-- [disk-threads] <arguments of cucumber>]`: the features in the in-thread form or in the one
 * with disk threads, which are those of the build. A run in which no scenario passed fails.
 */
import "../step-definitions/typescript.mjs";

const { runFeatures } = await import("../src/conformance/run-features.ts");
const { countsOf, countsText, Tally } = await import("../src/conformance/tally.ts");

const args = process.argv.slice(2);
const threads = args[0] === "disk-threads";
const tally = new Tally();
const success = await runFeatures({
  file: "cucumber.mjs",
  profiles: threads ? ["disk-threads"] : [],
  provided: threads ? args.slice(1) : args,
  cwd: process.cwd(),
  stdout: process.stdout,
  hear: tally.take,
});
for (const { verdict, name, where, logs } of tally.results)
  if (verdict === "skipped")
    process.stdout.write(`  not run: ${name} (${where})${logs.map((log) => `; ${log}`).join("")}\n`);
const counts = countsOf(tally.results);
process.stdout.write(`${countsText(counts)}\n`);
process.exit(success && counts.failed === 0 && counts.passed > 0 ? 0 : 1);
