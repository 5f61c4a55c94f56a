import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { type Random, random } from "./conformance/random.ts";
import { firstContent } from "./lab/blocks.ts";
import type { JobView } from "./lab/job-view.ts";
import { hasEnded } from "./lab/wrongs.ts";
import { Buckets } from "./support/buckets.ts";
import { LocalServer } from "./support/local-server.ts";
import { NumberedWrites } from "./support/numbered-writes.ts";
import type { Lab } from "./world.ts";

/** More of them, and the same ones again, by the environment. */
const { PAGURUS_KILLS: killsWanted = "", PAGURUS_SEED: seedWanted = "" } = process.env;
const SEEDS = 2 ** 31;
/** A server that starts on a machine that is busy with other things. */
const KILL_MS = 60_000;
const MOST_KILLS = 1000;
/** A move of the scenario's disk takes about so many requests about its layers. */
const REQUESTS = { into: 140, out: 20 };
const FILL_BYTES = 4 * 1024 * 1024;

/** What becomes of the request that the server had made when it died. */
const fates = ["never arrives", "arrives at once", "arrives when the server runs again"] as const;

interface Kill {
  readonly disk: string;
  readonly to: string;
  readonly bucket: string;
  readonly chance: Random;
}

/** Moves the disk, kills the server with a request to the bucket under way, and starts it again. Answers what happened. */
const killDuringMove = async (lab: Lab, { disk, to, bucket, chance }: Kill, writes: NumberedWrites) => {
  const server = lab.part(LocalServer);
  const buckets = lab.part(Buckets);
  const client = await NbdClient.connect(await server.uriOf(disk));
  const written = writes.writeUntilLost(client);
  const after = 1 + chance(to === bucket ? REQUESTS.into : REQUESTS.out);
  const fate = fates[chance(fates.length)] ?? fates[0];
  const held = buckets.nthRequest(bucket, after);
  const job = await server.startMove(disk, to);
  const ended = server.jobTells(job, ({ type }) => type === "job.ended").then(() => undefined);
  ended.catch(() => undefined);
  const request = await Promise.race([held.request, ended]);
  held.stop();
  await server.stop("SIGKILL");
  await written;
  if (fate === "arrives at once") await request?.release();
  await server.start();
  if (fate === "arrives when the server runs again" && request) await buckets.deliverLate(bucket, request);
  const outcome = await settled(server, job);
  return `killed ${request ? `at request ${after} (${request.line.method} ${request.line.key}), which ${fate}` : "after the move"}; the move ${outcome}`;
};

/** The job after the server was started again; a report of its interruption is expected. */
const settled = async (server: LocalServer, id: string): Promise<string> => {
  if (!hasEnded(await server.call<JobView>("jobs.show", { id })))
    await server.jobTells(id, ({ type }) => type === "job.ended");
  const { state, outcome } = await server.call<JobView>("jobs.show", { id });
  if (state === "succeeded") return state;
  assert.deepEqual({ state, code: outcome?.code }, { state: "failed", code: "interrupted" });
  await server.expectReport("interrupted");
  return "was interrupted";
};

const lookAt = async (lab: Lab, disk: string, writes: NumberedWrites, rest: Buffer): Promise<string> => {
  const client = await NbdClient.connect(await lab.part(LocalServer).uriOf(disk));
  const found = await writes.look(client);
  for (let at = NumberedWrites.bytes; at < rest.length; at += FILL_BYTES) {
    const length = Math.min(FILL_BYTES, rest.length - at);
    assert.ok(
      (await client.read(at, length)).equals(rest.subarray(at, at + length)),
      `what was written at ${at}`,
    );
  }
  await client.disconnect();
  return found;
};

When(
  "a server is killed at {int} points of moves of {string}, a disk of {size}, to {string} and back, and keeps what it promised each time",
  { timeout: MOST_KILLS * KILL_MS },
  async function (this: Lab, usual: number, disk: string, size: number, bucket: string) {
    const kills = Math.min(MOST_KILLS, killsWanted === "" ? usual : Number(killsWanted));
    const seed = seedWanted === "" ? randomInt(SEEDS) : Number(seedWanted);
    const server = this.part(LocalServer);
    const [home = ""] = this.setup.datastores;
    const chance = random(seed);
    const writes = new NumberedWrites(chance);
    await server.call("disks.create", { name: disk, sizeBytes: size, datastore: home });
    const content = firstContent(size);
    const client = await NbdClient.connect(await server.uriOf(disk));
    for (let at = NumberedWrites.bytes; at < size; at += FILL_BYTES)
      await client.write(at, content.subarray(at, at + FILL_BYTES));
    await client.flush();
    await client.disconnect();
    for (let kill = 1; kill <= kills; kill++) {
      const to = (await server.showDisk(disk)).datastore === home ? bucket : home;
      let what = `to ${to}`;
      try {
        what = `${what}, ${await killDuringMove(this, { disk, to, bucket, chance }, writes)}`;
        what = `${what}, the disk is in ${(await server.showDisk(disk)).datastore}; ${await lookAt(this, disk, writes, content)}`;
      } catch (cause) {
        throw new Error(
          `kill ${kill} of seed ${seed}, ${what}: ${cause instanceof Error ? cause.message : cause}`,
          { cause },
        );
      }
      this.log(`kill ${kill} of seed ${seed}: ${what}`);
    }
  },
);
