import assert from "node:assert/strict";
import type { LayerInfo } from "pagurus";
import { stampOf } from "../layer-under-test.ts";
import type { Kit } from "../world.ts";

const layerBytes = 4096;
/** How many are made or removed at once: enough to fill a slow store's pipe. */
const atOnce = 32;
/** Effort makes a list no longer than this. */
const mostLayers = 10_000;

/** Layers that are only made, listed and removed; by the scenario's names. */
export class ManyLayers {
  readonly names = new Set<string>();
  /** How often each was listed. */
  readonly #listed = new Map<string, number>();
  readonly #kit: Kit;
  #made = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async make(count: number): Promise<void> {
    const first = this.#made;
    this.#made += count;
    await this.#each(
      Array.from({ length: count }, (_, index) => `many-${first + index}`),
      async (name) => {
        const layer = this.#kit.freshName(name);
        await this.#kit.datastore.create({ layer, sizeBytes: layerBytes, stamp: stampOf(layer) });
        this.names.add(name);
      },
    );
  }

  /** As many as the kit's effort asks for. */
  makeMany(count: number): Promise<void> {
    return this.make(Math.max(count, Math.min(mostLayers, count * (this.#kit.parameters.effort ?? 1))));
  }

  async remove(names: Iterable<string>): Promise<void> {
    await this.#each([...names], async (name) => {
      await this.#kit.datastore.remove(this.#kit.freshName(name));
      this.names.delete(name);
    });
  }

  /** Reads the list to its end and answers what it says of this scenario's layers. */
  async list(each?: (listedSoFar: readonly string[]) => Promise<void>): Promise<readonly LayerInfo[]> {
    this.#listed.clear();
    const found: LayerInfo[] = [];
    for await (const info of this.#kit.datastore.list()) {
      const name = this.#kit.ownName(info.layer);
      if (name === undefined) continue;
      found.push(info);
      this.#listed.set(name, (this.#listed.get(name) ?? 0) + 1);
      await each?.([...this.#listed.keys()]);
    }
    return found;
  }

  assertListedOnce(names: Iterable<string>): void {
    const wanted = [...names];
    const missing = wanted.filter((name) => !this.#listed.has(name));
    assert.ok(
      missing.length === 0,
      `${missing.length} of ${wanted.length} layers were not listed: ${some(missing)}`,
    );
    const twice = [...this.#listed].filter(([, count]) => count > 1).map(([name]) => name);
    assert.ok(twice.length === 0, `${twice.length} layers were listed more than once: ${some(twice)}`);
  }

  async end(): Promise<void> {
    // What can't be removed is what the scenario has failed at.
    await this.remove(this.names).catch(() => undefined);
  }

  async #each(names: readonly string[], run: (name: string) => Promise<void>): Promise<void> {
    const waiting = names.values();
    const worker = async () => {
      for (const name of waiting) await run(name);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")}, …` : names.join(", ");
