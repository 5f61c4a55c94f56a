import { expect, test } from "vitest";
import { FeatureLibrary, type Place, thisPackage } from "../../acceptance/index.ts";
import { scratchStore } from "../../catalog/scratch-store.ts";
import { Acceptance } from "./acceptance.ts";
import { AcceptanceRunInput } from "./input.ts";

const plugins = [
  { id: "engine", origin: "built-in", points: [] },
  { id: "sink-log", origin: "built-in", points: ["ErrorSink"] },
  { id: "mine", origin: "./mine.ts", points: [] },
].map((plugin) => ({ ...plugin, summary: "", functions: [] }));

const packaged: Place = { ...thisPackage(), checkout: false };

test("the package alone refuses what needs a checkout, and says which feature", async () => {
  await using scratch = await scratchStore();
  const acceptance = new Acceptance({
    ...{ place: packaged, library: new FeatureLibrary(packaged), store: scratch.store },
    ...{ events: { publish: () => undefined }, plugins, folder: "/nowhere", version: "0.0.0" },
  });
  const chosen = async (input: object) => acceptance.chosen(AcceptanceRunInput.parse(input));
  await expect(chosen({ features: ["edge.access"] })).rejects.toMatchObject({
    code: "feature-needs-checkout",
    data: { feature: "edge.access" },
  });
  const points = (await chosen({ plugin: "sink-log" })).map(({ point }) => point);
  expect(new Set(points)).toEqual(new Set(["error-sink"]));
});

test("only plugins with something to try can be named, whatever modules the host has", async () => {
  await using scratch = await scratchStore();
  const acceptance = new Acceptance({
    ...{ place: packaged, library: new FeatureLibrary(packaged), store: scratch.store },
    ...{ events: { publish: () => undefined }, plugins, folder: "/nowhere", version: "0.0.0" },
  });
  for (const plugin of ["engine", "./mine.ts", "/etc/passwd", "zod"])
    await expect(acceptance.chosen(AcceptanceRunInput.parse({ plugin }))).rejects.toMatchObject({
      code: "plugin-unknown",
      data: { plugin, known: "sink-log, mine" },
    });
});
