import { Datastore } from "pagurus";
import { defineParameterType } from "pagurus/steps";
import { stampOf } from "./layer-under-test.ts";
import type { Kit } from "./world.ts";

const sector = 512;

/** What a scenario can try with its layer, as it says it. */
const tasks = {
  "creating it": ({ current }: Kit) => current.create(),
  "opening it": async ({ current, datastore }: Kit) => {
    const layer = await datastore.open(current.name, { sizeBytes: current.sizeBytes });
    await layer.close();
  },
  "opening it as if it were twice as long": async ({ current, datastore }: Kit) => {
    const layer = await datastore.open(current.name, { sizeBytes: 2 * current.sizeBytes });
    await layer.close();
  },
  "opening it from another instance": async (kit: Kit) => {
    const datastore = (await kit.open()).get(Datastore);
    const layer = await datastore.open(kit.current.name, { sizeBytes: kit.current.sizeBytes });
    await layer.close();
  },
  "stamping it": ({ current, datastore }: Kit) => datastore.stamp(current.name, stampOf(current.name)),
  "removing it": ({ current, datastore }: Kit) => datastore.remove(current.name),
  "reading it": ({ current }: Kit) => current.read(0, sector),
  "writing to it": ({ current }: Kit) => current.write(0, Buffer.alloc(sector, 1)),
  "zeroing it": ({ current }: Kit) => current.zero(0, sector),
  "resizing it": ({ current }: Kit) => current.layer.resize(2 * current.sizeBytes),
  "flushing it": ({ current }: Kit) => current.layer.flush(),
  "asking for its extents": async ({ current }: Kit) => {
    for await (const _ of current.layer.extents(0, sector)) return;
  },
} as const satisfies Record<string, (kit: Kit) => Promise<unknown>>;

export type Task = (kit: Kit) => Promise<unknown>;

defineParameterType({
  name: "task",
  regexp: new RegExp(Object.keys(tasks).join("|")),
  transformer: (phrase: string): Task => tasks[phrase as keyof typeof tasks],
});
