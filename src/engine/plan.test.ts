import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MIB, TestEngine } from "./testing/test-engine.ts";

// Fails where nobody asks the strategy: the job would begin, and end in the middle.
test("a move that its strategy refuses beforehand is refused to whoever asked for it, and no job begins", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pagurus-plan-"));
  const engine = await TestEngine.start({
    folder,
    diskThreads: 0,
    sections: () => ({
      plugins: [fileURLToPath(new URL("./testing/refusing-strategy.ts", import.meta.url))],
      datastores: { fast: { plugin: "datastore-memory" }, archive: { plugin: "datastore-memory" } },
    }),
  });
  try {
    await engine.create("small", "fast", MIB);
    await engine.create("large", "fast", 2 * MIB);
    const move = (disk: string) => engine.move([disk], { to: "archive", strategy: "refusing" });
    await expect(move("large")).rejects.toMatchObject({
      code: "disk-too-large-to-move",
      data: { disk: "large", sizeBytes: 2 * MIB },
    });
    expect(await engine.call("jobs.list", {})).toMatchObject({ items: [] });
    expect((await engine.ended(await move("small"))).state).toBe("failed");
  } finally {
    await engine.end();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
