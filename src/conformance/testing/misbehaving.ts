import { createHash } from "node:crypto";
import { definePlugin, HashFunction, z } from "pagurus";

const ways = {
  nothing: () => undefined,
  throw: () => {
    throw new TypeError("no such thing");
  },
  hang: () => new Promise(() => undefined),
  block: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  print: () => console.log("hello from the plugin"),
  "reject-unseen": () => void Promise.reject(new TypeError("no such thing")),
  "leave-a-timer": () => void setInterval(() => undefined, 1000),
} as const;

const Way = z.enum(Object.keys(ways) as (keyof typeof ways)[]).default("nothing");

/** A sound hash that in some phase does what no plugin may do. */
export default definePlugin({
  id: "misbehaving",
  apiVersion: 1,
  summary: "Does in some phase what no plugin may do",
  provides: [HashFunction],
  config: z.strictObject({ register: Way, start: Way, again: Way, stop: Way, scenario: Way }),
  register({ bind, id, config }) {
    ways[config.register]();
    const digest = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
    let started = false;
    bind(HashFunction).toConstantValue({
      id,
      digestBytes: 32,
      strong: true,
      async start() {
        await ways[started ? config.again : config.start]();
        started = true;
      },
      async stop() {
        await ways[config.stop]();
      },
      digest,
      create() {
        ways[config.scenario]();
        const hash = createHash("sha256");
        return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
      },
    });
  },
});
