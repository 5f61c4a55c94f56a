import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { connectionsOf } from "./connections.ts";

test.runIf(process.platform === "linux")(
  "a process's connections are found from both sides, and what listens or has ended is none",
  async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const before = await connectionsOf(process.pid);
    const accepted = once(server, "connection");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await Promise.all([once(client, "connect"), accepted]);
    const both = await connectionsOf(process.pid);
    expect(both.filter((link) => !before.includes(link))).toEqual([
      expect.stringMatching(/^socket:\[\d+\]$/),
      expect.stringMatching(/^socket:\[\d+\]$/),
    ]);
    server.close();
    client.destroy();
    await once(server, "close");
    expect(await connectionsOf(process.pid)).toEqual(before);
  },
);

test("a process that is gone has none", async () => {
  expect(await connectionsOf(2 ** 30)).toEqual([]);
});
