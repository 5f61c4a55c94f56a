/** The other process of `other-process.ts`: does what it is asked with the datastore under test, until it is killed. */
import { CodedError } from "../contract/errors.ts";
import { Datastore } from "../contract/points/datastore.ts";
import type { Layer } from "../contract/points/layer.ts";
import {
  type DatastoreTask,
  type DatastoreTaskAnswer,
  leaveMark,
  markedBytes,
  marksOf,
  type NumberedTask,
} from "./datastore-tasks.ts";
import { openPlugin, type PluginUnderTest } from "./plugin-under-test.ts";

type UseTask = Exclude<DatastoreTask, { readonly do: "start" }>;

/** The plugin as one scenario uses it. */
class Use {
  readonly datastore: Datastore;
  readonly #plugin: PluginUnderTest;
  readonly #layers = new Map<string, Layer>();

  constructor(plugin: PluginUnderTest) {
    this.#plugin = plugin;
    this.datastore = plugin.get(Datastore);
  }

  layer(name: string): Layer {
    const layer = this.#layers.get(name);
    if (layer === undefined) throw new CodedError("layer-closed", { layer: name });
    return layer;
  }

  async open(name: string, sizeBytes: number): Promise<void> {
    this.#layers.set(name, await this.datastore.open(name, { sizeBytes }));
  }

  async names(): Promise<string[]> {
    const found: string[] = [];
    for await (const { layer } of this.datastore.list()) found.push(layer);
    return found;
  }

  async end(): Promise<void> {
    for (const layer of this.#layers.values()) await layer.close();
    await this.#plugin.stop();
  }
}

const die = (turns: number): void => {
  if (turns > 0) setImmediate(() => die(turns - 1));
  else process.kill(process.pid, "SIGKILL");
};

const run = async (use: Use, task: UseTask): Promise<DatastoreTaskAnswer["answer"]> => {
  switch (task.do) {
    case "stop":
      await use.end();
      return undefined;
    case "list":
      return use.names();
    case "die":
      die(task.turns);
      return undefined;
    case "create":
      await use.datastore.create(task);
      return undefined;
    case "open":
      await use.open(task.layer, task.sizeBytes);
      return undefined;
    case "write": {
      // Filled with something else as soon as the write has ended: the buffer is the layer's only until then.
      const from = markedBytes(task.length, task.mark);
      await use.layer(task.layer).write(task.offset, from);
      from.fill(0xee);
      return undefined;
    }
    case "zero":
      await use.layer(task.layer).zero(task.offset, task.length);
      return undefined;
    case "read": {
      const into = Buffer.alloc(task.length, 0xa5);
      await use.layer(task.layer).read(task.offset, into);
      return marksOf(into);
    }
    case "resize":
      await use.layer(task.layer).resize(task.sizeBytes);
      return undefined;
    case "stamp":
      await use.datastore.stamp(task.layer, task.stamp);
      return undefined;
    case "flush":
      await use.layer(task.layer).flush();
      return undefined;
    case "close":
      await use.layer(task.layer).close();
      return undefined;
    case "remove":
      await use.datastore.remove(task.layer);
      return undefined;
  }
};

const codeOf = (error: unknown): string => (CodedError.is(error) ? error.code : String(error));

let using: Use | undefined;
const serve = async (task: DatastoreTask): Promise<DatastoreTaskAnswer["answer"]> => {
  if (task.do !== "start") return using && run(using, task);
  using = new Use(await openPlugin(task.request));
  return undefined;
};

const obey = async ({ number, task }: NumberedTask): Promise<void> => {
  leaveMark({ event: "asked", number });
  try {
    const answer = await serve(task);
    leaveMark({ event: "answered", number });
    process.send?.({ number, ...(answer === undefined ? {} : { answer }) });
  } catch (error) {
    leaveMark({ event: "refused", number });
    process.send?.({ number, code: codeOf(error) });
  }
};

const obeyAll = async (tasks: readonly NumberedTask[]): Promise<void> => {
  for (const task of tasks) await obey(task);
};

process.on("message", ([first, ...meanwhile]: readonly [NumberedTask, ...NumberedTask[]]) => {
  void obey(first);
  void obeyAll(meanwhile);
});
process.on("disconnect", () => process.exit());
process.send?.({ pid: process.pid });
