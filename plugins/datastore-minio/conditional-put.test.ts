import { describe, expect, test } from "vitest";
import { probeConditionalPut } from "./conditional-put.ts";
import type { Objects } from "./objects.ts";

type Put = Objects["put"];

/** A store that has put and get of its own, and says what is left in it. */
const store = (put: (kept: Map<string, Buffer>) => Put) => {
  const kept = new Map<string, Buffer>();
  const objects: Objects = {
    location: (key) => `http://store/bucket/${key}`,
    outage: undefined,
    countedIn: () => objects,
    put: put(kept),
    get: async (key) => kept.get(key),
    async *list(prefix) {
      for (const [key, body] of kept)
        if (key.startsWith(prefix)) yield { key, sizeBytes: body.length, modifiedAt: 0 };
    },
    remove: async (keys) => {
      for (const key of keys) kept.delete(key);
    },
    copy: async () => false,
  };
  return { objects, kept };
};

const sound =
  (kept: Map<string, Buffer>): Put =>
  async (key, parts) => {
    if (kept.has(key)) return "exists";
    kept.set(key, Buffer.concat(parts));
    return "made";
  };

const about = { endpoint: "http://store", bucket: "bucket", now: 7_200_000 };

test("a store that keeps writers apart passes, after 20 races of 8, and nothing is left", async () => {
  let puts = 0;
  const { objects, kept } = store((all) => (key, parts) => {
    puts += 1;
    return sound(all)(key, parts);
  });
  kept.set("probe/left-by-a-killed-one", Buffer.from("…"));
  kept.set("logs/1", Buffer.from("…"));
  await probeConditionalPut(objects, about);
  expect(puts).toBe(160);
  expect([...kept.keys()]).toEqual(["logs/1"]);
});

test("an answer that was lost says nothing of the store", async () => {
  let races = 0;
  const { objects } = store((all) => async (key, parts) => {
    const answer = await sound(all)(key, parts);
    return answer === "made" && ++races === 3 ? "exists" : answer;
  });
  await probeConditionalPut(objects, about);
  expect(races).toBe(21);
});

describe("a store is refused", () => {
  const broken: Record<string, (kept: Map<string, Buffer>) => Put> = {
    "that takes whatever comes": (kept) => async (key, parts) => {
      kept.set(key, Buffer.concat(parts));
      return "made";
    },
    "that looks first and writes then": (kept) => async (key, parts) => {
      const there = kept.has(key);
      await Promise.resolve();
      kept.set(key, Buffer.concat(parts));
      return there ? "exists" : "made";
    },
    "that writes what it refuses": (kept) => async (key, parts) => {
      const there = kept.has(key);
      kept.set(key, Buffer.concat(parts));
      return there ? "exists" : "made";
    },
    "that keeps nothing": () => async () => "exists",
    "that never says who won": (kept) => async (key, parts) => {
      await sound(kept)(key, parts);
      return "exists";
    },
    "that breaks the rule once": (kept) => {
      let puts = 0;
      return async (key, parts) => (++puts === 155 ? "made" : sound(kept)(key, parts));
    },
  };
  test.each(Object.entries(broken))("%s", async (_, put) => {
    const { objects, kept } = store(put);
    await expect(probeConditionalPut(objects, about)).rejects.toMatchObject({
      code: "bucket-unconditional",
      data: { bucket: "bucket", object: expect.stringContaining("probe/") },
    });
    expect(kept.size).toBe(0);
  });
});
