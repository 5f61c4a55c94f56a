import type { Stamp } from "pagurus";
import { Datastore } from "pagurus";
import { openPlugin } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { examineElsewhere, examinePrefix } from "./durability/examination.ts";
import { filesIn } from "./durability/files.ts";
import { Host } from "./durability/host.ts";
import { PROCESS_MS } from "./durability/processes.ts";
import { RandomDeeds } from "./durability/random-deeds.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

/** Times the run's effort. */
const DEEDS = 20;

Given("a host whose power will fail", { timeout: PROCESS_MS }, async function (this: Kit) {
  return (await this.part(Host).startTraced()) ? undefined : "skipped";
});
Given("the host has had a layer of {size} for long", async function (this: Kit, sizeBytes: number) {
  const host = this.part(Host);
  await host.makeLayer(sizeBytes);
  await host.openLayer();
  host.age();
});

/** What a store makes with the first flush is there by then: only what there is can be made to fail. */
Given("the host has used a layer of {size} for long", async function (this: Kit, sizeBytes: number) {
  const host = this.part(Host);
  await host.makeLayer(sizeBytes);
  await host.openLayer();
  await host.write(0, sizeBytes);
  await host.flush();
  host.age();
});
Given(
  "the host has written {size} at {size} long ago",
  async function (this: Kit, length: number, offset: number) {
    const host = this.part(Host);
    await host.write(offset, length);
    host.age();
  },
);
Given("the host has made and removed a layer before", async function (this: Kit) {
  const host = this.part(Host);
  await host.makeLayer(64 * 1024);
  await host.openLayer();
  await host.close();
  await host.ask({ do: "remove", layer: host.layer });
  host.age();
  host.usualFiles = await filesIn(host.folder);
});

When("the host makes a layer of {size}", async function (this: Kit, sizeBytes: number) {
  await this.part(Host).makeLayer(sizeBytes);
});
When("the host writes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await this.part(Host).write(offset, length);
});
When("the host zeroes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  const host = this.part(Host);
  await host.ask({ do: "zero", layer: host.layer, offset, length, mark: 0 });
});
When("the host flushes the layer", async function (this: Kit) {
  await this.part(Host).flush();
});
When(
  "the host writes {size} at {size} while it flushes, and flushes again",
  async function (this: Kit, length: number, offset: number) {
    const host = this.part(Host);
    const flush = { do: "flush", layer: host.layer } as const;
    await host.askAtOnce([flush, host.freshWrite(offset, length), flush]);
  },
);
When("the host works by chance", { timeout: PROCESS_MS }, async function (this: Kit) {
  const { seed, effort } = this.parameters;
  this.log(`seed ${seed}`);
  const host = this.part(Host);
  const resizes = Boolean(this.declared["resize"]);
  const deeds = new RandomDeeds(host.layer, random(seed), { resizes });
  for (let count = 0; count < DEEDS * effort; count++) await host.ask(deeds.next());
  for (const task of deeds.rest()) await host.ask(task);
});
When("the host resizes the layer to {size}", async function (this: Kit, sizeBytes: number) {
  const host = this.part(Host);
  await host.ask({ do: "resize", layer: host.layer, sizeBytes });
});
When(
  "the host stamps the layer as the {word} of epoch {int}",
  async function (this: Kit, state: Stamp["state"], epoch: number) {
    const host = this.part(Host);
    await host.ask({ do: "stamp", layer: host.layer, stamp: { disk: "disk-1", epoch, state } });
  },
);
When("the host closes the layer", async function (this: Kit) {
  await this.part(Host).close();
});
When("the host removes the layer", async function (this: Kit) {
  const host = this.part(Host);
  await host.close();
  await host.ask({ do: "remove", layer: host.layer });
});

for (const [words, moments] of Object.entries({
  "has answered for survives a power cut once it is at rest": "rest",
  "has answered for survives a power cut as soon as it is answered": "answer",
  "has answered for survives a power cut at any moment": "any",
  "had answered for survives a power cut during what it did last": "during",
} as const))
  Then(`what the host ${words}`, { timeout: PROCESS_MS }, async function (this: Kit) {
    return (await this.part(Host).examine(moments, examineElsewhere)) ? undefined : "skipped";
  });
Then(
  "a power cut at any moment leaves a prefix of what the host has written",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    return (await this.part(Host).examine("any", examinePrefix)) ? undefined : "skipped";
  },
);
Then(
  "nothing that a power cut leaves outlasts the layer's removal",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    const host = this.part(Host);
    const told = await host.examine("any", async (request) => {
      const plugin = await openPlugin(request);
      await plugin.get(Datastore).remove(host.layer);
      await plugin.stop();
      const more = (await filesIn(request.dataDir)) - host.usualFiles;
      return more <= 0
        ? undefined
        : `${more} more files are there after the removal than after one without a power cut`;
    });
    return told ? undefined : "skipped";
  },
);
