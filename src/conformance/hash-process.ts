/** The other process of `other-hash.ts`: gives the contents that it is sent their signatures, and ends. */
import { HashFunction } from "../contract/points/hash-function.ts";
import { openPlugin, type PluginRequest } from "./plugin-under-test.ts";

process.once("message", async (texts: readonly string[]) => {
  const { get, stop } = await openPlugin(JSON.parse(process.argv[2] ?? "") as PluginRequest);
  const hash = get(HashFunction);
  // Each in a buffer of its own, as in the process that asks.
  const contents = texts.map((text) => new Uint8Array(Buffer.from(text, "base64")));
  const signatures = contents.map((content) => Buffer.from(hash.digest(content)).toString("hex"));
  await stop();
  process.send?.(signatures, () => process.disconnect());
});
