import type { Store } from "../../catalog/index.ts";
import {
  CodedError,
  Cut,
  defineFunction,
  Examination,
  type JobContext,
  Loss,
  type RescueCall,
  Sweep,
  z,
} from "../../contract/index.ts";
import { demandFreePlace } from "../../images/index.ts";
import { exportRemains, finishRemains, NAMED, RemainsInput, RemainsOutput } from "../../jobs/index.ts";
import { layerOf } from "../disks/layer-of.ts";
import { ImagesToken, StoresToken, StoreToken } from "./tokens.ts";

const id = z.string().describe("the datastore");
const layer = z.string().optional().describe("only this one, as it is called in the store");
const confirm = z.boolean().default(false).describe("do it; without it, say what would be done");
/** Of a call: nobody hears it. */
const progress = () => undefined;
const callOf = (job: JobContext): RescueCall => ({
  signal: job.signal,
  progress: (said) => job.progress(said),
});

const inspect = defineFunction({
  name: "datastores.inspect",
  summary: "Say what a datastore holds, by what is stored there alone: layers, whose they are, and damage",
  description:
    "Reads no catalog and changes nothing. Damage is found as far as opening the disks would find it; `datastores verify` reads everything, `datastores export` makes an image of what is left of a layer, `datastores repair` goes on without what is damaged.",
  kind: "call",
  effect: "read",
  input: z.strictObject({ id, layer }),
  output: Examination,
  http: { method: "GET", path: "/v1/datastores/{id}/contents" },
  cli: {
    positionals: ["id"],
    examples: ["pagurus datastores inspect vault", "pagurus datastores inspect vault --config pagurus.yaml"],
  },
  uses: { stores: StoresToken },
  run: (input, { stores }, { signal }) =>
    stores.examine(input.id, { layer: input.layer, verify: false }, { signal, progress }),
});

const Verified = Examination.extend({
  sound: z.boolean().describe("whether nothing is damaged"),
});

const verify = defineFunction({
  name: "datastores.verify",
  summary: "Read everything that a datastore holds, try every checksum, and name what is damaged",
  description:
    "Says of each layer what `datastores inspect` says, and which of its bytes are lost. Changes nothing.",
  kind: "job",
  effect: "read",
  input: z.strictObject({ id, layer }),
  output: Verified,
  http: { method: "POST", path: "/v1/datastores/{id}/verify" },
  cli: { positionals: ["id"], examples: ["pagurus datastores verify vault --wait"] },
  uses: { stores: StoresToken },
  check: (input, { stores }) => stores.demand(input.id),
  async run(input, { stores }, job) {
    const found = await stores.examine(input.id, { layer: input.layer, verify: true }, callOf(job));
    return { ...found, sound: found.layers.every(({ damage }) => damage.length === 0) };
  },
});

const exportLayer = defineFunction({
  name: "datastores.export",
  summary: "Make an image of what is left of a layer, by what is stored there alone",
  description:
    "The content is the last consistent one: the longest prefix of what was written that is whole. Of a disk that is in use it is some moment of the last seconds; `disks export` is for those. The image is sparse, gets its name when it is whole and durable, and never takes that of another file. It needs the permission `files`: the server's user writes the path.",
  kind: "job",
  effect: "write",
  permissions: ["files"],
  input: RemainsInput,
  output: RemainsOutput,
  http: { method: "POST", path: "/v1/datastores/{id}/layers/{layer}/export" },
  cli: {
    positionals: ["id", "layer", "path"],
    examples: [
      "pagurus datastores export vault d4xk2 /srv/rescued/web.raw --wait",
      "pagurus datastores export vault d4xk2 /srv/rescued/web.raw --config pagurus.yaml",
    ],
  },
  uses: { stores: StoresToken, images: ImagesToken },
  async check(input, { stores }) {
    stores.demand(input.id);
    await demandFreePlace(input.path);
  },
  run: (input, { stores, images }, job) =>
    exportRemains(
      images,
      (path) => {
        const { before, zeroDamaged } = input;
        const ref = { datastore: input.id, layer: input.layer };
        return stores.exportRemains(ref, { path, before, zeroDamaged }, callOf(job));
      },
      input,
      job,
    ),
  failure: ({ id: datastore, layer: name, path }, cause) =>
    new CodedError("layer-export-failed", { datastore, layer: name, path }, { cause }),
  forward: { from: NAMED, resume: (_input, { images }, job) => finishRemains(images, job) },
});

const repair = defineFunction({
  name: "datastores.repair",
  summary: "Go on without what is damaged: what a layer was written from a number on stops counting",
  description:
    "The only way past damage, and never taken by itself. Without `--confirm` it says what would be lost. What stops counting is kept aside in the store, and the layer reads as it was before that number. A disk that is open for writing is refused.",
  kind: "call",
  effect: "write",
  input: z.strictObject({
    id,
    layer: z.string().describe("as `datastores inspect` calls it"),
    cutAt: z.int().min(1).describe("the first number that stops counting"),
    confirm,
  }),
  output: Cut,
  http: { method: "POST", path: "/v1/datastores/{id}/layers/{layer}/repair" },
  cli: {
    positionals: ["id", "layer"],
    examples: [
      "pagurus datastores repair vault d4xk2 --cut-at 1204",
      "pagurus datastores repair vault d4xk2 --cut-at 1204 --confirm",
    ],
  },
  uses: { stores: StoresToken },
  run: (input, { stores }, { signal }) => {
    const ref = { datastore: input.id, layer: input.layer };
    return stores.cut(ref, { cutAt: input.cutAt, confirmed: input.confirm }, { signal, progress });
  },
});

const acceptLoss = defineFunction({
  name: "datastores.accept-loss",
  summary: "Go on with a layer without what was flushed to a journal that is lost",
  description:
    "The only way past a journal that is missing or doesn't fit, and never taken by itself. Without `--confirm` it says what would be lost. What is found of the journal is set aside, and never used again. A disk that is open for writing is refused.",
  kind: "call",
  effect: "write",
  input: z.strictObject({ id, layer: z.string().describe("as `datastores inspect` calls it"), confirm }),
  output: Loss,
  http: { method: "POST", path: "/v1/datastores/{id}/layers/{layer}/accept-loss" },
  cli: {
    positionals: ["id", "layer"],
    examples: [
      "pagurus datastores accept-loss vault d4xk2",
      "pagurus datastores accept-loss vault d4xk2 --confirm",
    ],
  },
  uses: { stores: StoresToken },
  run: (input, { stores }, { signal }) =>
    stores.acceptLoss({ datastore: input.id, layer: input.layer }, input.confirm, { signal, progress }),
});

/** By their names alone: each has its own, and two datastores may be one place. */
const layersKnown = async ({
  disks,
  resources,
}: Pick<Store, "disks" | "resources">): Promise<Set<string>> => {
  const rows = (await disks.list()).items;
  const recorded = await resources.list({ kind: "layer" });
  return new Set([
    ...rows.map(({ layer: { layer } }) => layer),
    ...recorded.map((row) => layerOf(row).layer),
  ]);
};

const sweep = defineFunction({
  name: "datastores.sweep",
  summary: "Remove what a datastore holds for layers that aren't there",
  description:
    "Without `--confirm` it says what would be removed. Content whose layer is gone can be had with `datastores export` before. It tells, too, which layers this server's catalog doesn't know: another server's disks, or what came late of a disk that was given up while it was made. `--layer` removes such a one and nothing else, and only where nothing was ever written to it and it is older than a day.",
  kind: "call",
  effect: "write",
  input: z.strictObject({
    id,
    layer: z.string().optional().describe("instead remove this layer, which the catalog doesn't know"),
    confirm,
  }),
  output: Sweep,
  http: { method: "POST", path: "/v1/datastores/{id}/sweep" },
  cli: {
    positionals: ["id"],
    examples: [
      "pagurus datastores sweep vault",
      "pagurus datastores sweep vault --confirm",
      "pagurus datastores sweep vault --layer d4xk2 --confirm",
    ],
  },
  uses: { stores: StoresToken, store: StoreToken },
  async run({ id: datastore, layer: named, confirm: confirmed }, { stores, store }, { signal }) {
    const known = await layersKnown(store);
    if (named !== undefined && known.has(named))
      throw new CodedError("sweep-refused", { datastore, layer: named, problem: "the catalog knows it" });
    const what = { confirmed, known: [...known], layer: named };
    const swept = await stores.sweep(datastore, what, { signal, progress });
    // One that was made meanwhile was in the catalog before it was in the store.
    const now = await layersKnown(store);
    const unknown = swept.unknown.filter((each) => !now.has(each.layer));
    return { ...swept, unknown, unknownLayers: swept.unknownLayers - swept.unknown.length + unknown.length };
  },
});

export const rescueFunctions = [inspect, verify, exportLayer, repair, acceptLoss, sweep];
