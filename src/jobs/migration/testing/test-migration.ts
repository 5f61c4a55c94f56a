import { newId, type Store } from "../../../catalog/index.ts";
import type { JobContext, Log } from "../../../contract/index.ts";
import { FakeClock } from "../../../testing/fake-clock.ts";
import type { MigrationHost } from "../host.ts";
import { MigrationInput } from "../input.ts";
import { MIGRATE } from "../running-migrations.ts";

/** A migration under way over a real catalog, with nothing of an engine but what a test gives. */
export interface TestMigration {
  readonly host: MigrationHost;
  readonly input: MigrationInput;
  readonly job: JobContext;
  /** Moves when the test says so. */
  readonly clock: FakeClock;
}

type Given = Partial<Omit<MigrationHost, "layers">> & { readonly layers?: Partial<MigrationHost["layers"]> };

/** The disks are ids of the store's. What is not given and asked for all the same fails. */
export async function testMigration(
  store: Store,
  disks: readonly string[],
  { layers, ...given }: Given = {},
): Promise<TestMigration> {
  const clock = new FakeClock();
  const asked = { disks: [...disks], to: "archive" };
  const input = MigrationInput.parse(asked);
  const { id } = await store.jobs.insert({ id: newId("job"), function: MIGRATE, input: asked, disks });
  await store.jobs.start(id);
  const services = { clock, log };
  const host: MigrationHost = {
    ...{ store, ...services, probe: () => undefined },
    handle: missing,
    reachable: async () => undefined,
    serial: (_disks, run) => run(),
    opened: async () => undefined,
    moved: async () => undefined,
    publish: () => undefined,
    ...given,
    layers: {
      ...{ create: missing, stamp: missing, remove: missing },
      ...{ allocatedBytes: missing, availableBytes: missing },
      ...layers,
    },
  };
  const job: JobContext = {
    ...{ id, disks, ...services, signal: new AbortController().signal },
    async step(name, run) {
      await store.jobs.journal(id, name);
      return run();
    },
    progress: () => undefined,
    resource: async () => undefined,
  };
  return { host, input, job, clock };
}

const missing = (): never => {
  throw new TypeError("nobody gave this to the test");
};
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
