import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import type { JobView } from "./lab/job-view.ts";
import { AcceptanceRun, type FeatureView } from "./support/acceptance-run.ts";
import { HttpDoor } from "./support/http-door.ts";
import { LocalServer } from "./support/local-server.ts";
import { Subscriber } from "./support/subscriber.ts";
import type { Lab } from "./world.ts";

/** A run of the kit is a run of many scenarios. */
const unhurried = { timeout: 180_000 };

const Features = { items: z.array(z.object({ id: z.string(), kind: z.string() })) };
const scenariosOf = ({ rules }: FeatureView) => rules.flatMap(({ scenarios }) => scenarios);

Given("a plugin whose error sink breaks the rule {string}", function (this: Lab, rule: string) {
  const file = new URL(`../src/conformance/broken/error-sink/${rule}.ts`, import.meta.url);
  this.setup.sections = { plugins: [fileURLToPath(file)] };
});
Given("a run against {string} is under way", unhurried, async function (this: Lab, plugin: string) {
  await this.started();
  await this.part(AcceptanceRun).underWay(plugin);
});
Given("another run against {string} waits for it", async function (this: Lab, plugin: string) {
  const { id } = await this.call<JobView>("acceptance-runs.start", { plugin });
  this.part(AcceptanceRun).waiting.push(id);
});
Given(
  "a run against {string} is under way on that server",
  unhurried,
  async function (this: Lab, plugin: string) {
    await this.part(AcceptanceRun).underWayOnServer(plugin);
  },
);

When("both are cancelled", unhurried, async function (this: Lab) {
  const { waiting } = this.part(AcceptanceRun);
  for (const id of [...waiting, this.job]) await this.call("acceptance-runs.cancel", { id });
  for (const id of waiting) {
    const { state, phase } = await this.jobEnded(id);
    assert.deepEqual({ state, phase }, { state: "cancelled", phase: "" });
  }
});
When("a person waits for {command}", unhurried, async function (this: Lab, words: string[]) {
  await this.part(LocalServer).pagurus(words);
});
When("the server is killed", async function (this: Lab) {
  await this.part(LocalServer).stop("SIGKILL");
});

Then("{string} is among the features, of which none is of another kind", function (this: Lab, id: string) {
  const { items } = this.part(HttpDoor).answer.fields(Features);
  const [kind] = id.split(".");
  assert.ok(items.some((one) => one.id === id));
  assert.deepEqual(
    items.filter((one) => one.kind !== kind),
    [],
  );
});
Then("every scenario has its rule, its steps and no result", function (this: Lab) {
  const { rules } = this.part(HttpDoor).answer.json as FeatureView;
  assert.ok(rules.length > 0);
  for (const rule of rules) {
    assert.ok(
      rule.tags.some((tag) => tag.startsWith("@rule:")),
      rule.name,
    );
    for (const { name, steps, results } of rule.scenarios) {
      assert.ok(steps.length > 0, name);
      assert.deepEqual(results, [], name);
    }
  }
});
Then(
  "the run succeeds, of {string} with the seed {int}",
  unhurried,
  async function (this: Lab, subject: string, seed: number) {
    const job = await this.part(AcceptanceRun).ended();
    assert.equal(job.state, "succeeded", JSON.stringify(job));
    const { skipped, ...told } = z
      .object({ subject: z.string(), seed: z.number(), version: z.string(), skipped: z.number() })
      .parse(job);
    assert.deepEqual(told, { subject, seed, version: "0.0.0" });
    assert.equal(skipped, 0);
  },
);
Then("the run succeeds, of {string} without a seed", unhurried, async function (this: Lab, subject: string) {
  const job = await this.part(AcceptanceRun).ended();
  assert.equal(job.state, "succeeded", JSON.stringify(job));
  assert.deepEqual(z.object({ subject: z.string(), seed: z.null() }).parse(job), { subject, seed: null });
});
Then("the run fails as {code}", unhurried, async function (this: Lab, code: string) {
  const { state, outcome } = await this.part(AcceptanceRun).ended();
  assert.deepEqual([state, outcome?.code], ["failed", code]);
});
Then("the run is cancelled", unhurried, async function (this: Lab) {
  const { state, outcome } = await this.jobEnded();
  assert.deepEqual({ state, outcome }, { state: "cancelled", outcome: { code: "cancelled" } });
});
Then("its run has failed as {word}, and is reported", async function (this: Lab, code: string) {
  const server = this.part(LocalServer);
  const { state, outcome } = await server.call<JobView>("acceptance-runs.show", {
    id: this.job,
  });
  assert.deepEqual({ state, outcome }, { state: "failed", outcome: { code } });
  await server.expectReport(code);
});
Then("the processes of the run end", unhurried, async function (this: Lab) {
  await this.part(AcceptanceRun).processesEnd();
});
Then("nothing of the run is left", unhurried, async function (this: Lab) {
  const run = this.part(AcceptanceRun);
  await run.processesEnd();
  await assert.rejects(stat(run.folder), { code: "ENOENT" });
});
Then("the subscriber hears once of each scenario of {string}", async function (this: Lab, feature: string) {
  const subscriber = this.part(Subscriber);
  const expected = scenariosOf(await this.part(AcceptanceRun).feature(feature));
  const rows = expected.flatMap(({ name, examples }) => new Array<string>(examples).fill(name));
  const heard: unknown[] = [];
  while (heard.length < rows.length) {
    const { data, job } = await subscriber.hear("scenario.ended");
    assert.equal(job, this.job);
    if (data["feature"] === feature) heard.push(data["scenario"]);
  }
  assert.deepEqual(heard.toSorted(), rows.toSorted());
});
Then(
  "{string} shows each scenario as passed by {string} in this run",
  async function (this: Lab, feature: string, subject: string) {
    for (const { name, results } of scenariosOf(await this.part(AcceptanceRun).feature(feature)))
      assert.deepEqual(
        results.map((result) => [result.subject, result.verdict, result.job]),
        [[subject, "passed", this.job]],
        name,
      );
  },
);
Then(
  "{string} shows a scenario of {string} as failed by {string}, with what was found",
  async function (this: Lab, feature: string, rule: string, subject: string) {
    const { rules } = await this.part(AcceptanceRun).feature(feature);
    const broken = rules.filter(({ tags }) => tags.includes(`@rule:${rule}`));
    const results = scenariosOf({ rules: broken }).flatMap((scenario) => scenario.results);
    const failed = results.filter((result) => result.verdict === "failed");
    assert.ok(failed.length > 0);
    for (const result of failed) {
      assert.equal(result.subject, subject);
      assert.match(result.message ?? "", /^Then .+: .+/s);
    }
  },
);
