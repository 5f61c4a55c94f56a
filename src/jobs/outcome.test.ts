import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { observationOf, task } from "../observations/index.ts";
import { outcomeOf } from "./outcome.ts";

const coded = (code: string, cause?: unknown) =>
  new CodedError<string>(code, {}, cause === undefined ? {} : { cause });

/** As a job's failure arrives: through tasks, with its name around it. */
const chainOf = async (error: unknown) =>
  observationOf(
    await task("migrations.start", {}, () =>
      task("moves.run", {}, () => Promise.reject(error)).catch((cause: unknown) => {
        throw coded("migration-failed", cause);
      }),
    ).catch((failure: unknown) => failure),
  );

test.each([
  ["interrupted", coded("disk-thread-lost")],
  ["interrupted", coded("server-stopping")],
  ["interrupted", coded("target-failed", coded("disk-thread-lost", new Error("exit")))],
  ["cancelled", coded("cancelled")],
  ["not-converging", coded("not-converging", coded("pause-budget-exceeded"))],
  ["block-mismatch", coded("block-mismatch")],
  ["no-space", coded("target-failed", coded("no-space", new Error("ENOSPC")))],
  ["no-space", coded("no-space")],
  ["target-failed", coded("target-failed", coded("layer-io-failed", new Error("EIO")))],
  ["source-failed", coded("source-failed", coded("layer-failed"))],
  ["datastore-unavailable", coded("datastore-unavailable", new Error("EACCES"))],
  ["acme-jam", coded("acme-jam", new TypeError("x"))],
  ["internal", new TypeError("x")],
])("%s", async (code, error) => {
  expect((await chainOf(error).then(outcomeOf)).code).toBe(code);
});

test("a move that does not converge tells in its outcome what would have worked; others tell their report alone", async () => {
  const told = { disk: "web", neededPauseMs: 1200 };
  const chain = await chainOf(new CodedError<string>("not-converging", told));
  expect(outcomeOf(chain)).toEqual({ code: "not-converging", data: told });
  expect(outcomeOf(await chainOf(new CodedError<string>("no-space", told)))).toEqual({ code: "no-space" });
});
