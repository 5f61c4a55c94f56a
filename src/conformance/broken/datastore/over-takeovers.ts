import { createHash } from "node:crypto";
import { CodedError, type Layer, type Plugin } from "../../../contract/index.ts";
import { changed } from "../changed.ts";
import type { Place } from "./over.ts";
import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

/** Each host has bytes of its own to lock, so many. */
const HOSTS = 2 ** 20;

const numberOf = ({ dataDir }: Place): number =>
  createHash("sha256").update(dataDir).digest().readUInt32BE() % HOSTS;

interface Former {
  readonly refuse: () => never;
  /** Takes the layer from the new writer too. */
  readonly spoil: () => void;
  /** Where it wrote while the layer was its own. */
  readonly written: readonly (readonly [offset: number, length: number])[];
}

interface TakeoverFaults {
  /** What a writer does from whom the layer was taken. */
  readonly former?: (layer: Layer, its: Former) => Partial<Layer>;
  /** What is done with a layer that is taken over. */
  readonly taken?: (layer: Layer) => void | Promise<void>;
}

/**
 * Layers whose writer is whoever opened them last, if that was on another host: a writer looks who that is before each
 * operation. Not for two that run at once, which nothing here does.
 */
export const overTakeovers = ({ former, taken }: TakeoverFaults): Plugin =>
  overElsewhere({
    calls: (sound, place) => ({
      lock: (fd, range) => sound.lock(fd, { ...range, offset: range.offset + 2 * numberOf(place) }),
    }),
    datastore: (sound, place) => {
      const notes = new Notes<true>(place, "writer");
      return {
        capabilities: { ...sound.capabilities, "fences-writers": true },
        open: async (name, options) => {
          const layer = await sound.open(name, options);
          if (options.readOnly) return layer;
          if (notes.others(name)) await taken?.(layer);
          notes.keep(name, true);
          const refuse = () => {
            throw new CodedError("layer-failed", { ...layer.ref, reason: "another host has taken it over" });
          };
          const written: [number, number][] = [];
          const refusing: Partial<Layer> = {
            write: refuse,
            zero: refuse,
            flush: async () => refuse(),
            resize: async () => refuse(),
            ...former?.(layer, { refuse, spoil: () => notes.forget(name), written }),
          };
          const lost = changed(layer, refusing);
          let closing: Promise<void> | undefined;
          const now = () => (closing !== undefined || notes.own(name) ? layer : lost);
          const end = async () => {
            const own = notes.own(name);
            await (own ? layer : lost).close();
            if (own) notes.forget(name);
          };
          const close = () => {
            closing ??= end();
            return closing;
          };
          return changed(layer, {
            write: (offset, from) => {
              const done = now().write(offset, from);
              written.push([offset, from.length]);
              return done;
            },
            zero: (offset, length) => now().zero(offset, length),
            flush: () => now().flush(),
            resize: (sizeBytes) => now().resize(sizeBytes),
            close,
          });
        },
        remove: async (name) => {
          await sound.remove(name);
          notes.forget(name);
        },
      };
    },
  });
