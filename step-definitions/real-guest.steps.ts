import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import type { Disk } from "pagurus";
import { After, Given, Then, When } from "pagurus/steps";
import type { JobView } from "./lab/job-view.ts";
import type { GuestConsole } from "./support/guest-console.ts";
import { LocalServer } from "./support/local-server.ts";
import { runProgram } from "./support/program.ts";
import { RealGuest } from "./support/real-guest.ts";
import type { Lab } from "./world.ts";

/** A processor that is emulated, on a machine that has other work. */
const timeout = 240_000;
/** Slow enough that a move is still in its middle when something happens to it. */
const SLOW_BYTES_PER_SECOND = 2 * 1024 * 1024;
const MIDDLE_PERCENT = 10;

/** What serves the scenario's disks: a server of its own process, or the engine in this one. */
const hostOf = (lab: Lab): Lab | LocalServer => {
  const server = lab.part(LocalServer);
  return server.running ? server : lab;
};

/** Ends what serves the disks, so that nobody has their files open. */
const stop = async (lab: Lab): Promise<void> => hostOf(lab).stop();

const fileOf = async (lab: Lab, disk: string): Promise<string> => {
  const [layer] = (await hostOf(lab).showDisk(disk)).layers;
  assert.ok(layer?.location, `${disk} has a file`);
  return layer.location;
};

const boot = async (lab: Lab, disk: string): Promise<void> => {
  const guest = lab.part(RealGuest);
  await guest.bootOver(await hostOf(lab).uriOf(disk));
  await guest.goesOn();
};

/** The guest ends as one that its user shuts down, after it has read everything anew. */
const shutDown = async (guest: RealGuest): Promise<void> => {
  await guest.does("list", /^listed$/);
  await guest.does("power off", /^unmounted$/);
  await guest.isOff();
};

const seenNoError = (heard: GuestConsole): void => {
  assert.ok(heard.hearsItsKernel, "the guest tells what its kernel says");
  assert.deepEqual(heard.complaints, []);
};

After({ tags: "@needs:guest" }, async function (this: Lab, { result }) {
  const account = await this.part(RealGuest).account();
  // Not every form of output shows what is logged; all show why a scenario failed.
  if (result?.status === "FAILED") throw new Error(account);
  this.log(account);
});

Given(
  "a guest that writes files to {string}, a disk of {size}",
  { timeout },
  async function (this: Lab, name: string, sizeBytes: number) {
    const image = await this.part(RealGuest).makeFileSystem(sizeBytes);
    const host = hostOf(this);
    await host.call<Disk>("disks.create", { name, sizeBytes, datastore: "fast" });
    const convert = ["convert", "-n", "-f", "raw", "-O", "raw", image, await host.uriOf(name)];
    const { code, err } = await runProgram("qemu-img", convert);
    assert.equal(code, 0, err);
    await rm(image);
    await boot(this, name);
  },
);

When(
  "{string} is moved to {string} and back {int} times, and each time the guest goes on",
  { timeout },
  async function (this: Lab, disk: string, to: string, times: number) {
    const server = this.part(LocalServer);
    const { datastore: home } = await server.showDisk(disk);
    for (let time = 0; time < times; time++)
      for (const target of [to, home]) {
        const goesOn = this.part(RealGuest).goesOn();
        const { state, report } = await server.move(disk, target);
        assert.equal(state, "succeeded", JSON.stringify(report));
        await goesOn;
      }
  },
);

When(
  "a move of {string} to {string} is in its middle",
  { timeout },
  async function (this: Lab, disk: string, to: string) {
    const host = hostOf(this);
    const slowly = { maxBytesPerSecond: SLOW_BYTES_PER_SECOND };
    const isInMiddle = ({ type, data }: { type: string; data: { readonly percent?: unknown } }) =>
      type === "job.progressed" && Number(data.percent) >= MIDDLE_PERCENT;
    if (host instanceof LocalServer) await host.jobTells(await host.startMove(disk, to, slowly), isInMiddle);
    else {
      const id = await host.startMove([disk], to, slowly);
      await host.events.happened((event) => event.job === id && isInMiddle(event));
    }
  },
);

When("the guest goes on", { timeout }, async function (this: Lab) {
  await this.part(RealGuest).goesOn();
});

When(
  "the guest stops writing, reads all its files and is shut down",
  { timeout },
  async function (this: Lab) {
    const guest = this.part(RealGuest);
    await guest.does("stop", /^stopped$/);
    await shutDown(guest);
  },
);

When(
  "the guest and the server are killed, and the server is started again",
  { timeout },
  async function (this: Lab) {
    const server = this.part(LocalServer);
    await Promise.all([this.part(RealGuest).kill(), server.stop("SIGKILL")]);
    await server.start();
  },
);

When("the guest is started again to read what it had flushed", { timeout }, async function (this: Lab) {
  const [disk] = (await this.part(LocalServer).call<{ items: readonly Disk[] }>("disks.list", {})).items;
  const guest = this.part(RealGuest);
  await guest.bootOver(await this.part(LocalServer).uriOf(disk?.name ?? ""), { workers: 0 });
  await shutDown(guest);
});

Then(
  "the server tells that the move was interrupted, and its report names {word}",
  async function (this: Lab, rootCode: string) {
    const server = this.part(LocalServer);
    const { items } = await server.call<{ items: readonly JobView[] }>("jobs.list", {});
    assert.deepEqual(
      items.map(({ state, outcome }) => [state, outcome?.code]),
      [["failed", "interrupted"]],
    );
    await server.expectReport(rootCode);
  },
);

Then("the guest has seen no error, and found every file as it wrote it", function (this: Lab) {
  const { console: heard } = this.part(RealGuest);
  seenNoError(heard);
  assert.deepEqual(new Map([...heard.found].sort()), new Map([...heard.files()].sort()));
});

Then("the guest has seen no error, and found every file that it had flushed", function (this: Lab) {
  const { console: heard } = this.part(RealGuest);
  seenNoError(heard);
  const lost = [...heard.files()].filter(([path, sum]) => heard.found.get(path) !== sum);
  assert.deepEqual(lost, []);
});

Then(
  "QEMU alone, without us, starts the guest on the file of {string}, and it finds the same",
  { timeout },
  async function (this: Lab, disk: string) {
    const file = await fileOf(this, disk);
    const guest = this.part(RealGuest);
    const before = guest.console.found;
    this.log(await guest.account());
    await stop(this);
    await guest.bootOnFile(file);
    await shutDown(guest);
    seenNoError(guest.console);
    assert.deepEqual(new Map([...guest.console.found].sort()), new Map([...before].sort()));
  },
);

Then("the file system of {string} is clean", async function (this: Lab, disk: string) {
  const file = await fileOf(this, disk);
  await stop(this);
  this.log(await this.part(RealGuest).checkFile(file));
});
