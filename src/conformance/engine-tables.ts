import { openStore } from "../catalog/index.ts";
import type { Catalog } from "../contract/index.ts";
import { systemClock } from "../engine/system-clock.ts";

/**
 * Does to a started catalog what a server's start does: makes the engine's tables, or brings them up to date. The
 * instance's connection is closed afterwards, also when it was refused.
 */
export const openTables = async (catalog: Catalog): Promise<void> => {
  const store = await openStore(catalog, { clock: systemClock });
  await store.close();
};
