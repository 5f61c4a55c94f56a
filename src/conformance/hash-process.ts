/** The other process of `other-hash.ts`: gives the contents that it is sent their signatures, and ends. */
import { HashFunction } from "../contract/points/hash-function.ts";
import { openPlugin, type PluginRequest } from "./plugin-under-test.ts";

process.once("message", async (texts: readonly string[]) => {
  const { get, stop } = await openPlugin(JSON.parse(process.argv[2] ?? "") as PluginRequest);
  const hash = get(HashFunction);
  const signatures = texts.map((text) =>
    Buffer.from(hash.digest(Buffer.from(text, "base64"))).toString("hex"),
  );
  await stop();
  process.send?.(signatures, () => process.disconnect());
});
