import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FeatureLibrary, hashOf } from "./library.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pagurus-features-"));
});
afterEach(() => rm(root, { recursive: true }));

const put = async (path: string, text: string): Promise<void> => {
  const file = join(root, "features", path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};
const libraryOf = (checkout: boolean) =>
  new FeatureLibrary({ root, features: join(root, "features"), checkout });

const feature = `@slow
Feature: A store keeps what it is given
  What is lost is lost for good.
  Nobody gets it back.

  Background:
    Given a store

  Scenario: Before all rules
    Then it is empty

  @rule:kept
  Rule: What is put is there
    It is there at once.

    Background:
      Given room for it

    @capability:large
    Scenario Outline: <what> is put
      When <what> is put
      Then it is there

      Examples:
        | what   |
        | a pea  |
        | a pear |

      Examples:
        | what  |
        | a pen |
`;

describe("the features of a package", () => {
  it("are read as rules and scenarios, with what each inherits", async () => {
    await put("conformance/store/keeping.feature", feature);
    const read = await libraryOf(false).get("conformance.store.keeping");
    expect(read).toMatchObject({
      id: "conformance.store.keeping",
      kind: "conformance",
      point: "store",
      name: "A store keeps what it is given",
      description: "What is lost is lost for good.\nNobody gets it back.",
    });
    expect(read.rules).toEqual([
      {
        ...{ name: "", description: "", tags: [] },
        scenarios: [
          {
            ...{ name: "Before all rules", line: 9, tags: ["@slow"], examples: 1 },
            steps: ["Given a store", "Then it is empty"],
          },
        ],
      },
      {
        ...{ name: "What is put is there", description: "It is there at once.", tags: ["@rule:kept"] },
        scenarios: [
          {
            ...{ name: "<what> is put", line: 20, examples: 3 },
            tags: ["@slow", "@rule:kept", "@capability:large"],
            steps: ["Given a store", "Given room for it", "When <what> is put", "Then it is there"],
          },
        ],
      },
    ]);
  });

  it("have another hash after any change, and the one of several doesn't depend on their order", async () => {
    await put("conformance/a.feature", feature);
    await put("conformance/b.feature", feature.replace("a pen", "a pan"));
    const library = libraryOf(false);
    const before = await library.list();
    expect(before.map(({ id }) => id)).toEqual(["conformance.a", "conformance.b"]);
    expect(hashOf(before.toReversed())).toBe(hashOf(before));
    await put("conformance/a.feature", feature.replace("a pea", "a bee"));
    const after = await library.list();
    expect(after[0]?.hash).not.toBe(before[0]?.hash);
    expect(after[1]?.hash).toBe(before[1]?.hash);
    expect(hashOf(after)).not.toBe(hashOf(before));
  });

  it("run anywhere where they are about plugins, all others in a checkout only", async () => {
    await put("conformance/store/keeping.feature", feature);
    await put("journeys/first.feature", feature);
    const features = await libraryOf(false).list();
    expect(features.map((one) => libraryOf(false).canRun(one))).toEqual([true, false]);
    expect(features.map((one) => libraryOf(true).canRun(one))).toEqual([true, true]);
    await expect(libraryOf(true).get("journeys.second")).rejects.toMatchObject({ code: "feature-not-found" });
  });
});
