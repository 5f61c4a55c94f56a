import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, makeToken, newId, type Store } from "../catalog/index.ts";

/**
 * Sees to it that `DIR/token` holds a token that may do all: made at the first start, and again where the file is
 * missing or no longer known. Only its hash is kept. Written whole or not at all, readable by the owner alone.
 */
export async function keepToken(dataDir: string, store: Store): Promise<void> {
  const path = join(dataDir, "token");
  const there = await readFile(path, "utf8").catch(() => "");
  if (there !== "" && (await store.tokens.findByHash(hashToken(there.trim()))) !== undefined) return;
  const token = makeToken();
  await store.tokens.insert({ id: newId("tok"), name: "owner", hash: hashToken(token), permissions: ["*"] });
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${token}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
