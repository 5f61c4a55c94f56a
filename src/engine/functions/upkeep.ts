import { defineFunction, z } from "../../contract/index.ts";
import { StoreToken } from "./tokens.ts";

/** How long a repeated call gets its first answer. */
const KEYS_KEPT_MS = 24 * 60 * 60 * 1000;

export const upkeepFunctions = [
  defineFunction({
    name: "catalog.prune",
    summary: "Forget idempotency keys that are older than a day",
    description: "The server does so by itself every hour.",
    kind: "call",
    effect: "write",
    input: z.strictObject({}),
    output: z.object({ olderThan: z.string() }),
    examples: [{}],
    everyMs: 60 * 60 * 1000,
    uses: { store: StoreToken },
    async run(_input, { store }, { clock }) {
      const olderThan = clock.now() - KEYS_KEPT_MS;
      await store.idempotency.prune(olderThan);
      return { olderThan: new Date(olderThan).toISOString() };
    },
  }),
];
