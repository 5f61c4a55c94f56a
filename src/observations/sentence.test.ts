import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contract/json.ts";
import type { Observation } from "../contract/observation.ts";
import { createCodebook, kindOf, rootOf } from "./codebook.ts";
import { redact } from "./redact.ts";
import { reportOf } from "./report.ts";
import { sentenceOf } from "./sentence.ts";

const codebook = createCodebook(
  { "shelf-full": { kind: "conflict", message: "Shelf {shelf} is full after {waitedMs}" } },
  ["s3cr3t-value"],
);
/** A chain, outermost first. */
const chain = (...links: readonly (readonly [string, JsonObject])[]): Observation => {
  const [first, ...rest] = links;
  if (!first) throw new RangeError("a chain has at least one observation");
  return { code: first[0], data: first[1], at: 0, causes: rest.length > 0 ? [chain(...rest)] : [] };
};
const noSpace = [
  "no-space",
  { datastore: "slow", availableBytes: 1536 * 2 ** 20, neededBytes: 2 ** 31 },
] as const;

describe("the sentence for people", () => {
  it("says what and what to do for a failure without a cause", () => {
    expect(sentenceOf(chain(["disk-not-found", { disk: "web" }]), codebook)).toBe(
      "There is no disk named web; see `pagurus disks list`.",
    );
  });

  it("says why for a chain of two", () => {
    expect(sentenceOf(chain(["function-failed", { function: "disks.create" }], noSpace), codebook)).toBe(
      "disks.create failed because the datastore slow has 1.5 GiB free and 2 GiB are needed; free space there or choose another datastore.",
    );
  });

  it("names the object and the root cause of a chain of four, and leaves out what is between", () => {
    const told = sentenceOf(
      chain(
        ["function-failed", { function: "migrations.start" }],
        ["migration-failed", { disks: "web", to: "slow" }],
        ["target-failed", { disk: "web", phase: "bulk" }],
        noSpace,
      ),
      codebook,
    );
    expect(told).toBe(
      "Moving web to slow failed because the datastore slow has 1.5 GiB free and 2 GiB are needed; free space there or choose another datastore.",
    );
  });

  it("does not repeat the system's words where the failure above has them, and keeps that one's remedy", () => {
    const gone = "ENOENT: no such file or directory";
    const links = [
      ["datastore-unavailable", { datastore: "slow", reason: `${gone}, open '/x'` }],
      ["internal", { reason: gone }],
    ] as const;
    expect(sentenceOf(chain(...links), codebook)).toBe(
      "The datastore slow cannot be used: ENOENT: no such file or directory, open '/x'; make it reachable and writable, then try again.",
    );
    expect(rootOf(chain(...links)).code).toBe("datastore-unavailable");
  });

  it("names the object of a task that only says that it failed", () => {
    expect(
      sentenceOf(
        chain(["task-failed", { task: "copy", disk: "web" }], ["shelf-full", { shelf: 3, waitedMs: 1500 }]),
        codebook,
      ),
    ).toBe("copy failed (disk web) because shelf 3 is full after 1.5 s.");
  });

  it("keeps a number exact where the code writes its unit", () => {
    expect(sentenceOf(chain(["deadline-exceeded", { operation: "stop", timeoutMs: 30_000 }]), codebook)).toBe(
      "stop did not end within 30000 ms.",
    );
  });

  it("@O-16 shows an unknown code as it is, with its data, and a missing value as a question mark", () => {
    expect(sentenceOf(chain(["acme-jam", { tray: 2, nested: { a: 1 } }]), codebook)).toBe(
      "`acme-jam` (tray 2).",
    );
    expect(sentenceOf(chain(["disk-closed", {}]), codebook)).toBe("The disk ? is closed.");
  });
});

describe("redaction", () => {
  const leaky = chain(
    ["task-failed", { task: "put", url: "https://ana:hunter2@store/x", header: "Bearer abc.def" }],
    [
      "acme-jam",
      {
        accessKey: "AKIA",
        note: "used s3cr3t-value twice",
        nested: { Password: "p", list: ["s3cr3t-value"] },
      },
    ],
  );

  it("@O-17 leaves no secret in a chain, a sentence or a report", () => {
    const report = reportOf(
      { id: "r1", at: 1, task: "disks.create", disks: ["web"], observation: leaky },
      codebook,
    );
    const shown = JSON.stringify([redact(leaky, codebook.secrets), sentenceOf(leaky, codebook), report]);
    for (const secret of ["hunter2", "abc.def", "AKIA", "s3cr3t-value", '"p"'])
      expect(shown).not.toContain(secret);
    expect(report).toMatchObject({ rootCode: "acme-jam", task: "disks.create", disks: ["web"] });
    expect(shown).toContain("used [redacted] twice");
  });
});

describe("the kind that decides how a door answers", () => {
  it("is that of the outermost observation that is no wrapper", () => {
    const wrapped = chain(
      ["function-failed", { function: "f" }],
      ["migration-failed", {}],
      ["no-space", {}],
      ["internal", {}],
    );
    expect(kindOf(wrapped, codebook)).toBe("unavailable");
    expect(kindOf(chain(["function-failed", {}], ["cancelled", { what: "f" }]), codebook)).toBe("cancelled");
  });

  it("is internal for what nobody knows, and the wrapper's own where it wraps nothing", () => {
    expect(kindOf(chain(["acme-jam", {}]), codebook)).toBe("internal");
    expect(kindOf(chain(["function-failed", {}]), codebook)).toBe("internal");
    expect(kindOf(new Error("x"), codebook)).toBe("internal");
  });

  it("knows the plugins' own codes, and the root cause of a chain", () => {
    const failure = chain(["function-failed", {}], ["shelf-full", { shelf: 1 }]);
    expect(kindOf(failure, codebook)).toBe("conflict");
    expect(rootOf(failure).code).toBe("shelf-full");
  });
});
