import { setImmediate } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { FakeClock } from "../../testing/index.ts";
import { DiskThreads } from "../threads/disk-threads.ts";
import type { Request } from "../threads/messages.ts";
import { Stores } from "./stores.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

test("a check is answered though another thread hangs", async () => {
  const clock = new FakeClock();
  const asked: unknown[] = [];
  let started = 0;
  const threads = new DiskThreads({
    count: 2,
    log,
    onEvent: silent,
    onLost: silent,
    async start() {
      const hangs = started++ === 1;
      const { port1, port2: port } = new MessageChannel();
      onTestFinished(() => port1.close());
      port1.on("message", (request: Request) => {
        if (!("command" in request)) return;
        asked.push([hangs, request.command, request.input]);
        if (!hangs) port1.postMessage({ id: request.id, answer: { location: "here" } });
      });
      return { port, exited: new Promise(silent), kill: async () => undefined };
    },
  });
  await threads.link(0);
  await threads.link(1);
  const checking = new Stores(threads, ["vault"], clock).check("vault");
  while (asked.length < 2) await setImmediate();
  clock.advance(5000);
  expect(await checking).toEqual({ location: "here" });
  expect(asked).toEqual([
    [false, "datastores.check", { datastore: "vault", brief: false }],
    [true, "datastores.check", { datastore: "vault", brief: true }],
  ]);
});
