import { followJob, type Job } from "../../src/cli/follow-job.ts";
import { Disk, type Engine, type JsonObject } from "../../src/contract/index.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { MigrationOutput } from "../../src/jobs/index.ts";
import { nowMs, type Waits } from "./answers.ts";
import type { WritingClient, WritingPlace } from "./client.ts";
import { fioClient } from "./fio-client.ts";
import type { Home } from "./home.ts";
import { Ledger } from "./ledger.ts";
import { nodeClient } from "./node-client.ts";
import type { ClientName } from "./options.ts";
import type { Playground } from "./playground.ts";
import { nothingLeft, type Proof, readBack } from "./proofs.ts";
import { qemuClient } from "./qemu-client.ts";
import { DISK_BYTES, writeWorkingSet } from "./working-set.ts";

/** How long the client writes before the move and after it, to have something to compare with. */
const BEFORE_MS = 1000;
const AFTER_MS = 500;

const clients: Record<ClientName, (place: WritingPlace) => Promise<WritingClient>> = {
  node: nodeClient,
  fio: fioClient,
  qemu: qemuClient,
};

export interface StoryOptions {
  readonly playground: Playground;
  readonly home: Home;
  readonly client: ClientName;
  readonly signal: AbortSignal;
  /** Tells what happens as it happens. */
  readonly tell: (subject: string, text: string) => void;
  readonly progressOf: (job: string) => (progress: JsonObject) => void;
}

/** All that happened, for whoever tells it. */
export interface Story {
  readonly before: Disk;
  readonly after: Disk;
  readonly job: Job;
  /** Absent where the job did not succeed. */
  readonly move?: MigrationOutput;
  readonly movedInMs: number;
  readonly waits: { readonly before: Waits; readonly during: Waits; readonly after: Waits };
  readonly proofs: readonly Proof[];
}

/** Creates a disk, lets a client write to it, moves it meanwhile, and checks everything that can be checked. */
export const playStory = async (options: StoryOptions): Promise<Story> => {
  const { playground, home, signal, tell } = options;
  const { engine } = playground;
  const before = await call(engine, "disks.create", {
    name: "demo",
    sizeBytes: DISK_BYTES,
    datastore: "fast",
  });
  const uri = before.exports[0]?.uri ?? "";
  tell("disk", `demo, 1 GiB in the datastore fast, served at ${uri}`);

  const ledger = new Ledger(DISK_BYTES);
  await writeWorkingSet(uri, { ledger, signal });
  tell("working set", `${(ledger.blocks * 4) / 1024} MiB written; the SHA-256 of every block is remembered`);

  const place = { uri, ledger, folder: playground.folder, signal };
  const client = await clients[options.client](place);
  try {
    tell("client", client.description);
    await client.start();
    await systemClock.sleep(BEFORE_MS, signal);

    const startedMs = nowMs();
    const job = await move(options);
    const endedMs = nowMs();
    await systemClock.sleep(AFTER_MS, signal);
    const checked = await client.stop();

    const after = await call(engine, "disks.show", { name: "demo" });
    const waits = {
      before: client.answers.between(0, startedMs),
      during: client.answers.between(startedMs, endedMs),
      after: client.answers.between(endedMs),
    };
    const told = { before, after, job, waits, movedInMs: endedMs - startedMs };
    if (job.state !== "succeeded")
      return { ...told, proofs: [{ name: "the job", holds: false, detail: job.state }] };
    const output = MigrationOutput.parse(job);
    const expected = { sizeBytes: DISK_BYTES, ledger, signal };
    const active = after.layers.at(-1);
    const proofs = [
      equality(output),
      await readBack(uri, expected),
      ...(active === undefined ? [] : [await home.compare(active, expected)]),
      oneOwner(before, after),
      undisturbed(waits, checked),
      await nothingLeft(playground.root),
    ];
    return { ...told, move: output, proofs };
  } finally {
    client.destroy();
  }
};

const call = async (engine: Engine, name: string, input: JsonObject): Promise<Disk> =>
  Disk.parse((await engine.invoke(name, input)).output);

const move = async ({ playground, signal, progressOf }: StoryOptions): Promise<Job> => {
  const { engine } = playground;
  const { output } = await engine.invoke("migrations.start", { disks: ["demo"], to: "archive" }, { signal });
  const { id } = output as Job;
  return followJob(engine, id, { clock: systemClock, signal, show: progressOf(id) });
};

const equality = ({ verification }: MigrationOutput): Proof => {
  const { equal, readBackBlocks, holeBlocks, comparedBlocks } = verification;
  return {
    name: "the move's own proof",
    holds: equal && readBackBlocks + holeBlocks + comparedBlocks === DISK_BYTES / 4096,
    detail: `${readBackBlocks} blocks re-read from the target and equal, ${holeBlocks} holes on both sides, ${comparedBlocks} compared while the client was held`,
  };
};

const oneOwner = (before: Disk, after: Disk): Proof => ({
  name: "one owner",
  holds: after.datastore === "archive" && after.epoch === before.epoch + 1,
  detail: `the owner record names ${after.datastore}, one epoch later`,
});

/** A client that checks by itself may have written all that it had to when a long move ends. */
const undisturbed = ({ before, during, after }: Story["waits"], checked: string | undefined): Proof => ({
  name: "an undisturbed client",
  holds: before.writes > 0 && during.writes > 0 && (after.writes > 0 || checked !== undefined),
  detail: [
    `one connection, no error, writes answered before${after.writes > 0 ? ", during and after" : " and during"} the move`,
    ...(checked === undefined ? [] : [checked]),
  ].join("; "),
});
