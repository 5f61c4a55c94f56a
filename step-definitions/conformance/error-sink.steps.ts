import assert from "node:assert/strict";
import { type DataTable, Then, When } from "pagurus/steps";
import { alike, forging, hostileReports, ofCall, ofJob, reportOf } from "./sink/reports.ts";
import { SinkUnderTest } from "./sink/sink-under-test.ts";
import type { Kit } from "./world.ts";

When("a report is delivered to the sink", async function (this: Kit) {
  await this.part(SinkUnderTest).deliver();
});
When("a report of a call, which has no job, is delivered to the sink", async function (this: Kit) {
  await this.part(SinkUnderTest).deliver(ofCall);
});
When("{int} reports are delivered to the sink", async function (this: Kit, count: number) {
  for (let index = 0; index < count; index++) await this.part(SinkUnderTest).deliver();
});
When("{int} reports that read the same are delivered to the sink", async function (this: Kit, count: number) {
  for (let index = 0; index < count; index++) await this.part(SinkUnderTest).deliver(alike);
});
When("reports with these texts are delivered to the sink:", async function (this: Kit, table: DataTable) {
  for (const [texts = ""] of table.raw()) {
    const parts = hostileReports.get(texts);
    assert.ok(parts, `the kit knows no report with ${texts}`);
    await this.part(SinkUnderTest).deliver(parts, texts);
  }
});
When(
  "a report whose texts hold line ends and {string} lines is delivered to the sink",
  async function (this: Kit, _word: string) {
    await this.part(SinkUnderTest).deliver(forging);
  },
);
When("the place of the sink's reports is taken away", async function (this: Kit) {
  await this.part(SinkUnderTest).takePlaceAway();
});
When("a report is delivered to the sink in vain", async function (this: Kit) {
  await this.part(SinkUnderTest).refusal();
});
When("the place of the sink's reports is put back", async function (this: Kit) {
  await this.part(SinkUnderTest).place.putBack();
});
When("the sink is stopped", async function (this: Kit) {
  await this.part(SinkUnderTest).stop();
});
When("the sink is started again", async function (this: Kit) {
  await this.part(SinkUnderTest).start();
});

Then("the sink has brought it", async function (this: Kit) {
  const it = this.part(SinkUnderTest);
  await it.assertArrived(it.last);
});
Then("the sink has brought each of them", async function (this: Kit) {
  const it = this.part(SinkUnderTest);
  for (const report of it.reports) await it.assertArrived(report);
});
Then("the sink has brought them in their order", async function (this: Kit) {
  const it = this.part(SinkUnderTest);
  const text = await it.place.text();
  const places = it.reports.map(({ id }) => text.indexOf(id));
  for (const [index, place] of places.entries())
    assert.ok(
      place > (places[index - 1] ?? -1),
      `the report ${index} stands before the one that was delivered before it, or is missing`,
    );
});
Then("no line that the sink has written begins with {string}", async function (this: Kit, word: string) {
  const lines = (await this.part(SinkUnderTest).place.text()).split(/[\n\r\u0085\u2028\u2029]/);
  const forged = lines.find((line) => line.startsWith(word));
  assert.equal(forged, undefined, "a report's text has begun a line of its own");
});
Then("the sink has written no control character", async function (this: Kit) {
  const [found] = /(?![\n\t])\p{Cc}/u.exec(await this.part(SinkUnderTest).place.text()) ?? [];
  const code = found?.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase();
  assert.ok(found === undefined, `a report's text has brought the control character U+${code}`);
});
Then("the sink has left it as it was", function (this: Kit) {
  const { last, reports } = this.part(SinkUnderTest);
  assert.deepEqual(last, reportOf(reports.length - 1, ofJob), "the sink has changed the report");
});
Then("the sink tells that a report didn't arrive, or brings it", async function (this: Kit) {
  const it = this.part(SinkUnderTest);
  const refusal = await it.refusal();
  await it.place.putBack();
  if (refusal === undefined) await it.assertArrived(it.last);
});
Then("the sink can be stopped twice", async function (this: Kit) {
  await this.part(SinkUnderTest).stopTwice();
});
