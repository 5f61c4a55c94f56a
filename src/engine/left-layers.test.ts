import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import { rehearsedEngine } from "./testing/rehearsed.ts";
import type { TestEngine } from "./testing/test-engine.ts";

let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async (conductor: Conductor, folder?: string) => {
  engine = await rehearsedEngine(conductor, folder === undefined ? {} : { folder });
  return engine;
};

/** A disk whose move to the archive is held on its way. */
const moving = async (started: TestEngine) => {
  await started.create("web");
  const hold = started.holds.at("copying/recorded");
  const job = await started.move(["web"]);
  await hold.reached;
  return {
    cancelled: async () => {
      await started.call("migrations.cancel", { id: job.id });
      hold.goOn();
      expect(await started.ended(job)).toMatchObject({ state: "cancelled" });
    },
  };
};

const refusal = (conductor: Conductor, datastore: string) =>
  conductor.arm({ datastore, operation: "remove", skip: 0, act: "fail" });

/** Holds the removal there that isn't refused; then it may be seen to its end. */
const removal = async (conductor: Conductor, datastore: string) => {
  const rule = await conductor.arm({ datastore, operation: "remove", skip: 0, act: "hold-before" });
  return {
    tried: () => conductor.reached(rule),
    async ended(started: TestEngine): Promise<void> {
      conductor.goOn(rule);
      await started.stop();
    },
  };
};

test("what a cancelled move could not remove is removed without a restart", async () => {
  const conductor = new Conductor();
  const started = await begin(conductor);
  const { cancelled } = await moving(started);
  await refusal(conductor, "archive");
  const { tried, ended } = await removal(conductor, "archive");
  await cancelled();
  await tried();
  expect(await started.files("archive")).toHaveLength(2);
  await ended(started);
  expect(await started.files("archive")).toEqual([]);
});

test("what a move could not remove of its source is removed without a restart", async () => {
  const conductor = new Conductor();
  const started = await begin(conductor);
  await started.create("web");
  await refusal(conductor, "fast");
  const { tried, ended } = await removal(conductor, "fast");
  const job = await started.ended(await started.move(["web"]));
  expect(job.warnings).toEqual([expect.stringContaining("could not be removed")]);
  await tried();
  await ended(started);
  expect(await started.files("fast")).toEqual([]);
  expect(await started.files("archive")).toHaveLength(2);
});

test("a server that starts while the datastore is away still knows what is to be removed there", async () => {
  const conductor = new Conductor();
  const started = await begin(conductor);
  const archive = join(started.folder, "archive");
  const { cancelled } = await moving(started);
  await rename(archive, `${archive}.away`);
  await cancelled();
  await started.stop();
  const { tried, ended } = await removal(conductor, "archive");
  const again = await begin(conductor, started.folder);
  expect(await again.disk("web")).toMatchObject({ state: "available", datastore: "fast" });
  expect(await readdir(`${archive}.away`)).toHaveLength(2);
  await rename(`${archive}.away`, archive);
  await tried();
  await ended(again);
  expect(await again.files("archive")).toEqual([]);
});

/** A server that has stopped after a cancelled move, whose target "archive" would not let go. */
const stoppedWithTarget = async () => {
  const conductor = new Conductor();
  const started = await begin(conductor);
  const { cancelled } = await moving(started);
  for (let each = 0; each < 5; each++) await refusal(conductor, "archive");
  await cancelled();
  await started.stop();
  conductor.release();
  return { conductor, started };
};

test("a target that has become an owner since is left", async () => {
  const { conductor, started } = await stoppedWithTarget();
  const files = await started.files("archive");
  const sidecar = join(started.folder, "archive", files.find((name) => name.endsWith(".json")) ?? "");
  await writeFile(sidecar, (await readFile(sidecar, "utf8")).replace('"target"', '"owner"'));
  const again = await begin(conductor, started.folder);
  expect(await again.files("archive")).toEqual(files);
});

test("what a crash left of a layer that was being made is removed with the layer that isn't there", async () => {
  const { conductor, started } = await stoppedWithTarget();
  const archive = join(started.folder, "archive");
  const files = await started.files("archive");
  const sidecar = files.find((name) => name.endsWith(".json")) ?? "";
  for (const name of files) await rename(join(archive, name), join(archive, `${sidecar}.0123456789ab.tmp`));
  const again = await begin(conductor, started.folder);
  expect(await again.files("archive")).toEqual([]);
});

test("an image that has lost its stamp is left: it may be anybody's", async () => {
  const { conductor, started } = await stoppedWithTarget();
  const archive = join(started.folder, "archive");
  const files = await started.files("archive");
  await rename(join(archive, files.find((name) => name.endsWith(".json")) ?? ""), join(archive, "../lost"));
  const again = await begin(conductor, started.folder);
  expect(await again.files("archive")).toEqual(files.filter((name) => name.endsWith(".raw")));
});
