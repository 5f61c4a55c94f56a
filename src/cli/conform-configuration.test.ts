import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { configurationOf, setting } from "./conform-configuration.ts";

test("settings make an object: JSON is read as such, the rest is text, a dot leads inside", () => {
  const given = ["root={tmp}", "port=8080", "tls.on=true", "tls.key=a=b", 'name="7"', "empty="];
  const [first = "", ...rest] = given;
  expect(rest.reduce((earlier, text) => setting(text, earlier), setting(first))).toEqual({
    root: "{tmp}",
    port: 8080,
    tls: { on: true, key: "a=b" },
    name: "7",
    empty: "",
  });
});

test.each(["root", "=x", ""])("%j is no setting", (text) => {
  expect(() => setting(text)).toThrow("is not key=value");
});

test("--config is a file, or JSON where it begins like JSON", () => {
  expect(configurationOf({ config: "pagurus.yaml" })).toEqual({ configFile: "pagurus.yaml" });
  expect(configurationOf({ config: ' {"root":"{tmp}"}' })).toEqual({ config: { root: "{tmp}" } });
  expect(configurationOf({ set: { root: "/x" } })).toEqual({ config: { root: "/x" } });
  expect(configurationOf({})).toEqual({});
});

test.each([
  [{ config: "{root", set: undefined }, "begins like JSON and is none"],
  [{ config: "pagurus.yaml", set: { root: "/x" } }, "exclude each other"],
])("%j is refused", ({ config, set }, problem) => {
  const told = (() => {
    try {
      return configurationOf({ config, ...(set && { set }) });
    } catch (error) {
      return CodedError.is(error, "usage-invalid") ? String(error.data["problem"]) : error;
    }
  })();
  expect(told).toContain(problem);
});
