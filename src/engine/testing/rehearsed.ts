import { fileURLToPath } from "node:url";
import type { Hold } from "./holds.ts";
import { STORES, TestEngine, type TestEngineOptions } from "./test-engine.ts";

/** Speaks to the datastores of a rehearsal; see `step-definitions/rehearsal`. */
interface Conducting {
  readonly channelName: string;
  end(): void;
  release(): void;
}

const plugin = fileURLToPath(new URL("../../../step-definitions/rehearsal/plugin.ts", import.meta.url));

/** An engine whose two datastores follow the conductor: their operations can be held and made to fail. */
export function rehearsedEngine(conductor: Conducting, options: TestEngineOptions = {}): Promise<TestEngine> {
  return TestEngine.start({
    ...options,
    sections: (folder) => ({
      plugins: [plugin],
      datastores: Object.fromEntries(
        STORES.map((id) => [
          id,
          { plugin: "rehearsal", root: `${folder}/${id}`, channel: conductor.channelName },
        ]),
      ),
    }),
  });
}

/** Has the operations of a rehearsal held; `R` is what it knows a held one by. */
interface Holding<R> {
  arm(rule: { datastore: string; operation: "flush"; skip: number; act: "hold-before" }): Promise<R>;
  reached(rule: R): Promise<void>;
  goOn(rule: R): void;
}

/**
 * The switch-over that is held at its beginning goes on until it meets a flush of the target that hangs. Resolves
 * then; the answer lets the flush go on.
 */
export async function untilFlushHangs<R>(conductor: Holding<R>, beginning: Hold): Promise<() => void> {
  const datastore = STORES[1];
  const flush = await conductor.arm({ datastore, operation: "flush", skip: 0, act: "hold-before" });
  beginning.goOn();
  await conductor.reached(flush);
  return () => conductor.goOn(flush);
}
