import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../src/conformance/broken", import.meta.url));

/**
 * By these a plugin could know that it is tried and how, or be caught by luck: its fault must show in any run. Random
 * bytes make names for files, which must not meet.
 */
const forbidden =
  /Math\.random|Date\.now|performance\.now|hrtime|process\.(env|argv)|pagurus\/conformance|["'`]conform-/g;

test("no broken plugin goes by chance, by the time, or by its surroundings", async () => {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(200);
  const found = await Promise.all(
    files.map(async (file) => [file, (await readFile(join(folder, file), "utf8")).match(forbidden)]),
  );
  expect(found.filter(([, words]) => words !== null)).toEqual([]);
});
