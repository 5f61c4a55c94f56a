import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { Subscriber } from "./support/subscriber.ts";
import type { Lab } from "./world.ts";

const MIB = 1024 * 1024;

Given("a subscriber to the events", async function (this: Lab) {
  await this.part(Subscriber).listen();
});
Given("a subscriber who has heard of the disk {string}", async function (this: Lab, name: string) {
  await this.part(Subscriber).listen();
  await this.createDisk(name, MIB);
  await this.part(Subscriber).hear("disk.created");
});
Given("a subscriber to the events of {string}", async function (this: Lab, name: string) {
  const { id } = await this.showDisk(name);
  await this.part(Subscriber).listen(`?disk=${id}`);
});
Given("a subscriber to the events of the types {names}", async function (this: Lab, types: string[]) {
  await this.part(Subscriber).listen(`?types=${types.join(",")}`);
});

When("the disk(s) {names} is/are created", async function (this: Lab, names: string[]) {
  for (const name of names) await this.createDisk(name, MIB);
});
When("the disk {string} is removed again", async function (this: Lab, name: string) {
  await this.call("disks.remove", { name });
});
When(
  "the subscriber is away while the disks {names} are created",
  async function (this: Lab, names: string[]) {
    const subscriber = this.part(Subscriber);
    subscriber.goAway();
    for (const name of names) await this.createDisk(name, MIB);
    await subscriber.comeBack();
  },
);
When(
  "the subscriber is away while {string} is moved to {string}",
  async function (this: Lab, disk: string, to: string) {
    const subscriber = this.part(Subscriber);
    subscriber.goAway();
    await this.startMove([disk], to);
    await this.jobEnded();
    await subscriber.comeBack();
  },
);
When("the subscriber comes back", async function (this: Lab) {
  await this.part(Subscriber).comeBack();
});
When("the subscriber comes back with the id {string}", async function (this: Lab, id: string) {
  const subscriber = this.part(Subscriber);
  subscriber.goAway();
  subscriber.heard = [];
  await subscriber.listen("", { "last-event-id": id });
});
When("{string} is moved to {string}, to its end", async function (this: Lab, disk: string, to: string) {
  await this.startMove([disk], to);
  await this.jobEnded();
});

Then("the subscriber hears that {names} were/was created", async function (this: Lab, names: string[]) {
  const subscriber = this.part(Subscriber);
  for (const name of names) assert.equal((await subscriber.hear("disk.created")).data["name"], name);
});
Then("the subscriber hears {word}", async function (this: Lab, type: string) {
  await this.part(Subscriber).hear(type);
});
Then("it has heard nothing else", function (this: Lab) {
  const types = this.part(Subscriber).heard.map(({ type }) => type);
  assert.deepEqual([...new Set(types)], [types.at(-1)]);
});
Then("it was told first to read everything anew, once", function (this: Lab) {
  const types = this.part(Subscriber).heard.map(({ type }) => type);
  assert.equal(types[0], "reset");
  assert.equal(types.filter((type) => type === "reset").length, 1);
});
Then("no progress was repeated", function (this: Lab) {
  const { heard } = this.part(Subscriber);
  assert.ok(heard.some(({ type }) => type === "job.phase-changed"));
  assert.deepEqual(
    heard.filter(({ type }) => type === "job.progressed"),
    [],
  );
});
Then("the subscriber's stream ends", async function (this: Lab) {
  assert.ok(await this.part(Subscriber).ended());
});
