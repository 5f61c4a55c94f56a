import { expect, test } from "vitest";
import { permit } from "./authentication.ts";

const importing = { effect: "write", permissions: ["files"] } as const;

test.each([
  [["*"], undefined],
  [["write", "files"], undefined],
  [["read", "write"], "files"],
  [["files"], "write"],
  [[], "write"],
])(
  "a token with the permissions %j may have a function do with the server's files what it asks, but for %s",
  (permissions, missing) => {
    const call = () => permit({ id: "tok-1", permissions }, importing, "disks.import");
    if (missing === undefined) expect(call).not.toThrow();
    else
      expect(call).toThrow(
        expect.objectContaining({
          code: "permission-denied",
          data: { permission: missing, function: "disks.import" },
        }),
      );
  },
);

test("our own process may do all", () => {
  expect(() => permit(null, importing, "disks.import")).not.toThrow();
});
