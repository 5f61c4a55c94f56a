import local from "pagurus/plugins/datastore-local";
import memory from "pagurus/plugins/datastore-memory";
import {
  type Capabilities,
  Datastore,
  extensionPoint,
  type JsonObject,
  type Layer,
  type Plugin,
  z,
} from "../../../contract/index.ts";
import { changed } from "../changed.ts";

/** Where an instance works: the folder that `{tmp}` stands for. */
export interface Place {
  readonly dataDir: string;
}

/** What a broken datastore does otherwise than the sound one below it. */
export interface Faults {
  readonly datastore?: (sound: Datastore, place: Place) => Partial<Datastore>;
  readonly layer?: (sound: Layer, datastore: Datastore) => Partial<Layer>;
}

const Sound = extensionPoint<Datastore>("sound-datastore");

/** The sound one with its faults. */
export const broken = (sound: Datastore, { datastore, layer }: Faults, dataDir: string): Datastore => {
  const opens: Partial<Datastore> = {
    open: async (name, options) => {
      const opened = await sound.open(name, options);
      return layer ? changed(opened, layer(opened, sound)) : opened;
    },
  };
  const around = changed(sound, opens);
  return datastore ? changed(around, datastore(around, { dataDir })) : around;
};

const over = (base: Plugin, configOf: (dataDir: string) => JsonObject, faults: Faults): Plugin => ({
  ...base,
  id: `broken-${base.id}`,
  summary: `${base.id}, broken on purpose`,
  config: z.strictObject({}),
  register(registration) {
    const { bind, dataDir } = registration;
    const bindSound = (() => bind(Sound)) as typeof bind;
    base.register?.({ ...registration, bind: bindSound, config: configOf(dataDir) });
    bind(Datastore).toResolvedValue((sound) => broken(sound, faults, dataDir), [Sound]);
  },
});

/** Layers in memory, in chunks of 64 KiB; every call takes effect before it answers. */
export const overMemory = (faults: Faults): Plugin => over(memory, () => ({ asynchronous: false }), faults);

const undurable = ({ capabilities }: Datastore): Capabilities => {
  const { "durability-local": _, ...rest } = capabilities;
  return rest;
};

/** Layers in files, which other instances and processes see. Nothing is promised of crashes, and none is tried. */
export const overLocal = ({ datastore = () => ({}), layer }: Faults): Plugin =>
  over(local, (root) => ({ root }), {
    datastore: (sound, place) => {
      const capabilities = undurable(sound);
      return { capabilities, ...datastore(changed(sound, { capabilities }), place) };
    },
    ...(layer && { layer }),
  });

/** What a layer has begun and not ended. */
export class UnderWay {
  readonly #operations = new Set<Promise<void>>();

  add(operation: Promise<void>): Promise<void> {
    this.#operations.add(operation);
    return operation.finally(() => this.#operations.delete(operation));
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#operations);
  }
}
