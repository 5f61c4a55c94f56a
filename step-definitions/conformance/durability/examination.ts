import { CodedError, Datastore, type LayerInfo, reasonOf } from "pagurus";
import { markedBytes, marksOf, openPlugin, type PluginRequest } from "pagurus/conformance";
import { type KnownLayer, SECTOR_BYTES } from "./known-layer.ts";
import type { Examine } from "./power-cuts.ts";

/** What was promised and is not so. */
class Broken extends Error {}

const sameStamp = (a: LayerInfo["stamp"], b: LayerInfo["stamp"]): boolean =>
  a.disk === b.disk && a.epoch === b.epoch && a.state === b.state;

const stampText = ({ state, epoch }: LayerInfo["stamp"]): string => `the ${state} of epoch ${epoch}`;

const markText = (mark: number): string =>
  mark === 0 ? "zeroes" : mark === -1 ? "a mixture of several writes" : `the bytes of write ${mark}`;

const listed = async (datastore: Datastore): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { layer } of datastore.list()) names.push(layer);
  return names;
};

const contentOf = async (
  datastore: Datastore,
  layer: string,
  sizeBytes: number,
): Promise<readonly number[]> => {
  const opened = await datastore.open(layer, { sizeBytes });
  try {
    const into = Buffer.alloc(sizeBytes, 0xa5);
    await opened.read(0, into);
    return marksOf(into);
  } finally {
    await opened.close();
  }
};

const examineContent = async (datastore: Datastore, known: KnownLayer, sizeBytes: number): Promise<void> => {
  const marks = await contentOf(datastore, known.name, sizeBytes);
  for (const [sector, mark] of marks.entries()) {
    const wanted = known.marks(sector);
    if (!wanted.includes(mark))
      throw new Broken(
        `byte ${sector * SECTOR_BYTES} of the layer begins a sector that holds ${markText(mark)}; ` +
          `it must hold ${wanted.map(markText).join(", or ")}: what was flushed last, or something written since`,
      );
  }
};

/** A layer that was being made or removed is there or not; removing it clears it, and its name is free. */
const examineUnsure = async (datastore: Datastore, { name }: KnownLayer): Promise<void> => {
  const sizeBytes = 2 * SECTOR_BYTES;
  await datastore.remove(name);
  if ((await datastore.inspect(name)) || (await listed(datastore)).includes(name))
    throw new Broken("a layer that was being made or removed is still there after its removal");
  await datastore.create({ layer: name, sizeBytes, stamp: { disk: "another", epoch: 9, state: "owner" } });
  const marks = await contentOf(datastore, name, sizeBytes);
  if (marks.some((mark) => mark !== 0))
    throw new Broken("a new layer under a name that was used holds old bytes");
  await datastore.remove(name);
};

const examineLayer = async (datastore: Datastore, known: KnownLayer): Promise<void> => {
  if (known.there === "unsure") return examineUnsure(datastore, known);
  const info = await datastore.inspect(known.name);
  if (known.there === "no") {
    if (info !== undefined) throw new Broken("a layer whose removal was answered is there again");
    return;
  }
  if (info === undefined) throw new Broken("a layer whose creation was answered is gone");
  const { sizeBytes, stamp } = info;
  if (!(await listed(datastore)).includes(known.name))
    throw new Broken("a layer that is there is not listed");
  if (!known.sizes.includes(sizeBytes))
    throw new Broken(`the layer is ${sizeBytes} bytes long; it must be ${known.sizes.join(" or ")}`);
  if (!known.stamps.some((wanted) => sameStamp(wanted, stamp)))
    throw new Broken(
      `the layer is stamped as ${stampText(stamp)}; it must be ${known.stamps.map(stampText).join(" or ")}`,
    );
  await examineContent(datastore, known, sizeBytes);
};

/** The layer is written and flushed again. */
const goOn = async (datastore: Datastore, { name, sizes }: KnownLayer): Promise<void> => {
  const layer = await datastore.open(name, { sizeBytes: Math.min(...sizes) });
  try {
    await layer.write(0, markedBytes(SECTOR_BYTES, 1));
    await layer.flush();
  } finally {
    await layer.close();
  }
};

/** What is wrong, in words; `undefined` where nothing is. */
const complaintOf = async (
  request: PluginRequest,
  look: (datastore: Datastore) => Promise<void>,
): Promise<string | undefined> => {
  const plugin = await openPlugin(request);
  try {
    await look(plugin.get(Datastore));
    return undefined;
  } catch (error) {
    if (error instanceof Broken) return error.message;
    if (CodedError.is(error)) return `what must work is refused as ${error.code}: ${error.message}`;
    return `what must work fails: ${reasonOf(error)}`;
  } finally {
    await plugin.stop();
  }
};

/** What of the promises is broken in a store, which is changed. */
export const examineElsewhere: Examine = (request, known) =>
  complaintOf(request, async (datastore) => {
    for (const layer of known.all) await examineLayer(datastore, layer);
    for (const layer of known.all) if (layer.there === "yes") await goOn(datastore, layer);
  });

/** Whether each layer holds what its first writes have made of it, and nothing of later ones. */
export const examinePrefix: Examine = (request, known) =>
  complaintOf(request, async (datastore) => {
    for (const layer of known.all) {
      const marks = await contentOf(datastore, layer.name, layer.sizes.at(-1) ?? 0);
      if (!layer.isPrefix(marks))
        throw new Broken(
          "the layer holds a later write without an earlier one; it must hold a prefix of what was written",
        );
    }
  });
