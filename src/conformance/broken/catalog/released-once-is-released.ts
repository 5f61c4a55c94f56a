import { overCatalog } from "./over.ts";

/** By catalog, how the lock that was taken last is released. */
const releases = new Map<string, () => Promise<void>>();

/** Releases whatever lock there is, whoever has it. */
export default overCatalog((catalog) => ({
  async lock() {
    const { release } = await catalog.lock();
    releases.set(catalog.location, release);
    return { release: async () => releases.get(catalog.location)?.() };
  },
}));
