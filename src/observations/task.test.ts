import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodedError } from "../contract/errors.ts";
import type { Observation } from "../contract/observation.ts";
import { MAX_LAST } from "./scope.ts";
import { observationOf, scopeHere, task } from "./task.ts";

const noSpace = () => new CodedError("no-space", { datastore: "slow", availableBytes: 1, neededBytes: 2 });
const fails = (error: unknown) => async () => {
  throw error;
};
/** What a door sees of a task that fails. */
const failureOf = async (run: () => Promise<unknown>): Promise<Observation> => {
  try {
    await run();
  } catch (error) {
    return observationOf(error);
  }
  throw new Error("the task did not fail");
};
const held = () => scopeHere()?.entries.map(({ observation }) => observation.task);
const codesOf = (observation: Observation): unknown => [observation.code, ...observation.causes.map(codesOf)];
const tasksOf = (observation: Observation): (string | undefined)[] => [
  observation.task,
  ...observation.causes.flatMap(tasksOf),
];

describe("a task that fails", () => {
  it("@O-1 @O-2 @I-O2 reports its own observation and its subtask's, each with what it was given", async () => {
    const failure = await failureOf(() =>
      task("copy", { disk: "web" }, async () => {
        try {
          await task("write", { offset: 4096 }, fails(noSpace()));
        } catch (cause) {
          throw new CodedError("target-failed", { disk: "web", phase: "bulk" }, { cause });
        }
      }),
    );
    expect(failure).toMatchObject({
      code: "target-failed",
      task: "copy",
      data: { disk: "web", phase: "bulk" },
      causes: [{ code: "no-space", task: "write", data: { offset: 4096, datastore: "slow" }, causes: [] }],
    });
    expect(failure.causes).toHaveLength(1);
  });

  it("@O-6 @I-O3 keeps one observation per layer, outermost first", async () => {
    const failure = await failureOf(() =>
      task("move", {}, () => task("round", {}, () => task("write", {}, fails(noSpace())))),
    );
    expect(codesOf(failure)).toEqual(["task-failed", ["task-failed", ["no-space"]]]);
    expect(tasksOf(failure)).toEqual(["move", "round", "write"]);
  });

  it("@O-9 has every try in its chain", async () => {
    const failure = await failureOf(() =>
      task("put", {}, async () => {
        for (const attempt of [1, 2, 3])
          try {
            await task(`try-${attempt}`, {}, fails(noSpace()));
          } catch (error) {
            if (attempt === 3) throw error;
          }
      }),
    );
    expect(failure.causes.map((cause) => cause.task).sort()).toEqual(["try-1", "try-2", "try-3"]);
  });

  it("@O-11 is an observation by itself where its subtask left none", async () => {
    const failure = await failureOf(() => task("read", { disk: "web" }, fails(new Error("socket closed"))));
    expect(failure).toMatchObject({
      code: "internal",
      task: "read",
      data: { disk: "web", reason: "socket closed" },
      causes: [],
    });
  });

  it("@O-13 tells only the second reason after it got over the first", async () => {
    const failure = await failureOf(() =>
      task("open", {}, async () => {
        await task("lock", {}, () => task("lock-shared", {}, fails(new Error("busy"))).catch(() => {}));
        await task("read-header", {}, fails(noSpace()));
      }),
    );
    expect(tasksOf(failure)).toEqual(["open", "read-header"]);
  });

  it("@O-14 keeps the first cause and the last ones of many, and counts the rest", async () => {
    const tries = MAX_LAST + 6;
    const failure = await failureOf(() =>
      task("put", {}, async () => {
        for (let attempt = 0; attempt < tries; attempt += 1)
          await task(`try-${attempt}`, {}, fails(new Error("503"))).catch(() => {});
        throw noSpace();
      }),
    );
    const kept = failure.causes.map((cause) => cause.task);
    expect(kept).toHaveLength(MAX_LAST + 1);
    expect(kept[0]).toBe("try-0");
    expect(kept.at(-1)).toBe(`try-${tries - 1}`);
    expect(failure.data).toMatchObject({ causesOmitted: tries - MAX_LAST - 1 });
  });

  it("@O-15 attaches every failed part of a task that needs all of them", async () => {
    const failure = await failureOf(() =>
      task("stun-all", {}, async () => {
        const parts = [1, 2, 3].map((part) =>
          task(`stun-${part}`, {}, part === 2 ? async () => {} : fails(noSpace())),
        );
        const ended = await Promise.allSettled(parts);
        throw new AggregateError(ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
      }),
    );
    expect(failure.causes.map((cause) => cause.task)).toEqual(["stun-1", "stun-3"]);
  });

  it("@O-20 says that it was cancelled, at each level, and blames nothing else", async () => {
    const cancel = new AbortController();
    cancel.abort();
    const failure = await failureOf(() =>
      task("move", {}, async () => {
        await task("probe", {}, fails(noSpace())).catch(() => {});
        await task("copy", {}, async () => cancel.signal.throwIfAborted());
      }),
    );
    expect(codesOf(failure)).toEqual(["cancelled", ["cancelled"]]);
    expect(failure.data).toEqual({ what: "move" });
  });

  it("counts the causes that an error names, and tells none twice", async () => {
    const failure = await failureOf(() =>
      task("open", {}, async () => {
        const observed = await task("read", {}, fails(noSpace())).catch((error: unknown) => error);
        const between = new CodedError("layer-closed", { layer: "l" }, { cause: observed });
        throw new CodedError("disk-closed", { disk: "web" }, { cause: between });
      }),
    );
    expect(codesOf(failure)).toEqual(["disk-closed", ["layer-closed", ["no-space"]]]);
  });
});

describe("a task that completes", () => {
  it("@O-3 @O-8 leaves nothing of what failed on the way", async () => {
    await task("door", {}, async () => {
      await task("put", {}, async () => {
        await task("try-1", {}, fails(noSpace())).catch(() => {});
        await task("try-2", {}, fails(noSpace())).catch(() => {});
        await task("try-3", {}, async () => {});
      });
      expect(held()).toEqual([]);
    });
  });

  it("@O-5 leaves nothing where nothing failed", async () => {
    await task("door", {}, async () => {
      expect(await task("read", {}, async () => 7)).toBe(7);
      expect(held()).toEqual([]);
    });
  });

  it("@O-10 leaves nothing when it did so only in part", async () => {
    await task("door", {}, async () => {
      const answer = await task("list", {}, () =>
        task("list-remote", {}, fails(noSpace())).catch(() => ({ partial: true })),
      );
      expect(answer).toEqual({ partial: true });
      expect(held()).toEqual([]);
    });
  });

  it("@O-12 leaves what was observed before it began", async () => {
    await task("door", {}, async () => {
      await task("before", {}, fails(noSpace())).catch(() => {});
      await task("later", {}, () => task("part", {}, fails(noSpace())).catch(() => {}));
      expect(held()).toEqual(["before"]);
    });
  });

  it("@O-15 leaves nothing where one part of several was enough", async () => {
    await task("door", {}, async () => {
      await task("any", {}, () =>
        Promise.any([task("a", {}, fails(noSpace())), task("b", {}, async () => {})]),
      );
      expect(held()).toEqual([]);
    });
  });

  type Tree = { readonly fails: boolean; readonly recovers: boolean; readonly parts: readonly Tree[] };
  const trees: fc.Memo<Tree> = fc.memo<Tree>((depth) =>
    fc.record({
      fails: fc.boolean(),
      recovers: fc.boolean(),
      parts: depth > 1 ? fc.array(trees(depth - 1), { maxLength: 3 }) : fc.constant([]),
    }),
  );
  const runTree = (tree: Tree): Promise<void> =>
    task("node", {}, async () => {
      const ended = await Promise.allSettled(tree.parts.map(runTree));
      const failed = ended.find((end) => end.status === "rejected");
      if (failed && !tree.recovers) throw failed.reason;
      if (tree.fails) throw noSpace();
    });

  it("@I-O1 @I-O2 leaves the buffer as it was at entry; one that fails adds exactly its own observation", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trees(4), { maxLength: 4 }), async (runs) => {
        await task("door", {}, async () => {
          for (const tree of runs) {
            const before = [...(scopeHere()?.entries ?? [])];
            const failed = await runTree(tree).then(
              () => false,
              () => true,
            );
            expect(scopeHere()?.entries.length).toBe(before.length + (failed ? 1 : 0));
            expect(scopeHere()?.entries.slice(0, before.length)).toEqual(before);
          }
        });
      }),
    );
  });
});

describe("scopes", () => {
  it("@O-7 @I-O4 of unrelated tasks never meet, even when one error object ends both", async () => {
    const shared = new CodedError("server-stopping", {});
    const run = async (name: string) => {
      try {
        await task(name, { of: name }, () => task(`${name}-part`, { of: name }, fails(shared)));
      } catch (error) {
        await Promise.resolve();
        return observationOf(error);
      }
    };
    const [a, b] = await Promise.all([run("a"), run("b")]);
    expect(JSON.stringify(a)).not.toContain('"b');
    expect(JSON.stringify(b)).not.toContain('"a"');
    expect(b?.code).toMatch(/task-failed|server-stopping/);
  });

  it("@I-O5 end as the work in them ends, with the very same answer or error", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.anything(),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (end, fail, depth) => {
          const work = async (): Promise<unknown> => {
            if (fail) throw end;
            return end;
          };
          const observed = Array.from({ length: depth }).reduce<typeof work>(
            (inner) => () => task("any", {}, inner),
            work,
          );
          const settled = await observed().then(
            (answer) => ({ answer }),
            (error: unknown) => ({ error }),
          );
          expect(Object.keys(settled)).toEqual([fail ? "error" : "answer"]);
          expect(Object.values(settled)[0]).toBe(end);
        },
      ),
    );
  });

  it("@O-19 pass the error on as it is, whatever can't be recorded of it", async () => {
    const hostile = new CodedError("no-space", { datastore: "slow", availableBytes: 1, neededBytes: 2 });
    Object.defineProperty(hostile, "data", {
      get: () => {
        throw new Error("no memory");
      },
    });
    for (const thrown of [hostile, Object.freeze(new Error("frozen")), "text", undefined, null])
      await expect(task("outer", {}, () => task("inner", {}, fails(thrown)))).rejects.toBe(thrown);
  });

  it("take no observation from a subtask that fails after its task has ended", async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let straggler: Promise<unknown> = Promise.resolve();
    const failure = await failureOf(() =>
      task("all", {}, async () => {
        straggler = task("slow", {}, () => ended.then(fails(noSpace()))).catch(() => {});
        await task("quick", {}, fails(new Error("no")));
      }),
    );
    end();
    await straggler;
    expect(tasksOf(failure)).toEqual(["all", "quick"]);
  });
});
