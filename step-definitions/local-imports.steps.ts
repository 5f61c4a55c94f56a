import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { freePort } from "../scripts/minio/free-port.ts";
import { spaceIn } from "./conformance/datastore/folder-space.ts";
import { random } from "./conformance/random.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Program } from "./support/program.ts";
import type { Lab } from "./world.ts";

const timeout = 60_000;
const LOOK_MS = 1;
const MIB = 1024 * 1024;
/** The same moments again. */
const { PAGURUS_SEED: seedWanted = "" } = process.env;

/** Begins the import and answers it once so much lies in its disk's folder, which a seed decides. */
const copying = async (lab: Lab, words: readonly string[]): Promise<Program> => {
  const seed = seedWanted === "" ? randomInt(2 ** 31) : Number(seedWanted);
  const bytes = (1 + random(seed)(32)) * MIB;
  lab.log(`in its middle: after ${bytes} bytes, by the seed ${seed}`);
  const command = lab.part(LocalServer).begin(words);
  while ((await spaceIn(lab.folderOf("fast"))) < bytes) {
    assert.ok(command.running, "it has ended before it had copied so much");
    await sleep(LOOK_MS);
  }
  return command;
};

Given("a server that keeps its address", async function (this: Lab) {
  const server = this.part(LocalServer);
  server.flags = ["--listen", `127.0.0.1:${await freePort()}`];
  await server.start();
});

When(
  "a person's {command} is killed while it copies",
  { timeout },
  async function (this: Lab, words: string[]) {
    const { signal } = await (await copying(this, words)).kill("SIGKILL");
    assert.equal(signal, "SIGKILL", "it has ended before");
  },
);

When(
  "the server is killed and started again while a person's {command} copies",
  { timeout },
  async function (this: Lab, words: string[]) {
    const server = this.part(LocalServer);
    const command = await copying(this, words);
    await server.stop("SIGKILL");
    await server.start();
    await server.endOf(command);
  },
);

When("the file {string} is changed at its beginning", async function (this: Lab, name: string) {
  const file = await open(join(this.folder, name), "r+");
  const [first = 0] = (await file.read(Buffer.alloc(1), 0, 1, 0)).buffer;
  await file.write(Buffer.of(first ^ 0xff), 0, 1, 0);
  await file.close();
});

const Account = z.looseObject({ path: z.string(), bytesCopied: z.number(), bytesFound: z.number() });

Then("it has copied less than {size}, and has found the rest", async function (this: Lab, size: number) {
  const { path, bytesCopied, bytesFound } = Account.parse(JSON.parse(this.part(LocalServer).last.out));
  assert.ok(bytesCopied < size, `it has copied ${bytesCopied} bytes`);
  assert.equal(bytesCopied + bytesFound, (await stat(path)).size);
});
