/** The other process of `other-process.ts`: does what it is asked with the datastore under test, until it is killed. */
import { CodedError } from "../contract/errors.ts";
import { Datastore } from "../contract/points/datastore.ts";
import type { Layer } from "../contract/points/layer.ts";
import type { DatastoreTask, DatastoreTaskAnswer } from "./other-process.ts";
import { openPlugin, type PluginRequest } from "./plugin-under-test.ts";

const { get } = await openPlugin(JSON.parse(process.argv[2] ?? "") as PluginRequest);
const datastore = get(Datastore);
const layers = new Map<string, Layer>();

const run = async (task: DatastoreTask): Promise<DatastoreTaskAnswer> => {
  if (task.do === "list") {
    const names: string[] = [];
    for await (const { layer } of datastore.list()) names.push(layer);
    return { answer: names };
  }
  if (task.do === "open")
    layers.set(task.layer, await datastore.open(task.layer, { sizeBytes: task.sizeBytes }));
  const layer = layers.get(task.layer);
  if (task.do === "write") await layer?.write(task.offset, Buffer.alloc(task.length, task.fill));
  if (task.do === "resize") await layer?.resize(task.sizeBytes);
  if (task.do === "flush") await layer?.flush();
  return {};
};

process.on("message", async (task: DatastoreTask) => {
  const answer = await run(task).catch((error: unknown) => ({
    code: CodedError.is(error) ? error.code : String(error),
  }));
  process.send?.(answer);
});
process.on("disconnect", () => process.exit());
process.send?.({});
