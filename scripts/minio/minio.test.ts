import { expect } from "vitest";
import { minioTest } from "./vitest.ts";

minioTest("a conditional PUT is won by one of two", async ({ bucket: { client, name } }) => {
  const put = (text: string) =>
    client.putObject(name, "key", Buffer.from(text), text.length, { "If-None-Match": "*" });
  const results = await Promise.allSettled([put("a"), put("b")]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
