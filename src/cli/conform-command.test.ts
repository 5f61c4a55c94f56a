import { expect, test } from "vitest";
import { createScriptedEngine, runWith } from "./test-host.ts";

test.each([
  [[], "name a plugin"],
  [["a.ts", "--report", "pdf=x"], "is not one of json=FILE, junit=FILE, ndjson=FILE, html=FILE"],
  [["a.ts", "--report", "html=/nowhere/x.html"], "can't be written"],
  [["a.ts", "--parallel", "two"], "two is not a whole number"],
  [["a.ts", "--set", "root"], "root is not key=value"],
  [["a.ts", "--point", "datastor"], "no features for datastor, but for"],
  [["a.ts", "b.ts", "--set", "x=1"], "several plugins"],
  [["--config", "/nowhere/pagurus.yaml"], "/nowhere/pagurus.yaml could not be read"],
])("conform %j is refused before anything is started", async (argv, problem) => {
  const { engine } = createScriptedEngine({});
  const { code, err } = await runWith(["conform", ...argv], engine);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(problem) });
});
