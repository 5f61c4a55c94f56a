import { fileURLToPath } from "node:url";
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
