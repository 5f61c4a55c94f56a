/** `node .ci/check-guide.mjs GUIDE FOLDER`: every piece of TypeScript in the guide is in a file of the finished example. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [guide, folder] = process.argv.slice(2);
const trimmed = (text) => text.replace(/^ +/gm, "");
const sources = readdirSync(folder).map((file) => trimmed(readFileSync(join(folder, file), "utf8")));
const pieces = [...readFileSync(guide, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, piece]) => piece,
);
const strangers = pieces.filter((piece) => !sources.some((source) => source.includes(trimmed(piece))));

for (const piece of strangers) console.error(`not in ${folder}:\n${piece}`);
console.log(`${pieces.length} pieces, ${strangers.length} of them not in the example`);
process.exit(pieces.length === 0 || strangers.length > 0 ? 1 : 0);
