import { existsSync } from "node:fs";
import { CodedError, Datastore, definePlugin, z } from "pagurus";

/** A datastore that can do nothing but break: its thread at `check`, its thread's start while a file is there. */
export default definePlugin({
  id: "faulty",
  apiVersion: 1,
  summary: "Breaks disk threads, for tests",
  provides: [Datastore],
  config: z.strictObject({ failToStartWhile: z.string() }),
  register({ bind, id, config }) {
    const refuse = () =>
      Promise.reject(new CodedError("datastore-unavailable", { datastore: id, reason: "it is faulty" }));
    bind(Datastore).toConstantValue({
      id,
      capabilities: {},
      start() {
        if (existsSync(config.failToStartWhile))
          throw new CodedError("datastore-unavailable", { datastore: id, reason: "it does not start" });
      },
      check() {
        setImmediate(() => {
          throw new TypeError("nobody catches this");
        });
        return new Promise(() => undefined);
      },
      create: refuse,
      open: refuse,
      stamp: refuse,
      inspect: refuse,
      remove: refuse,
      async *list() {},
    });
  },
});
