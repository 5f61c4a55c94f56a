import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Capabilities } from "pagurus";
import { After, Before } from "pagurus/steps";
import type { Kit } from "./world.ts";

const tagged = (tags: readonly { readonly name: string }[], kind: string): string[] =>
  tags.flatMap(({ name }) => (name.startsWith(`@${kind}:`) ? [name.slice(kind.length + 2)] : []));

/** Whether a capability, or one of its family (`durability` has `durability-local`), is declared. */
const declares = (capabilities: Capabilities, wanted: string): boolean =>
  Object.entries(capabilities).some(
    ([name, value]) => Boolean(value) && (name === wanted || name.startsWith(`${wanted}-`)),
  );

Before(async function (this: Kit) {
  this.folder = await mkdtemp(join(tmpdir(), "pagurus-conform-"));
  await mkdir(join(this.folder, "tmp"), { mode: 0o700 });
  await this.open();
});

Before({ tags: "@datastore" }, async function (this: Kit, { pickle }) {
  const { capabilities } = this.datastore;
  for (const wanted of tagged(pickle.tags, "capability"))
    if (!declares(capabilities, wanted)) {
      this.log(`needs ${wanted}`);
      return "skipped";
    }
  for (const unwanted of tagged(pickle.tags, "without"))
    if (declares(capabilities, unwanted)) {
      this.log(`needs it without ${unwanted}`);
      return "skipped";
    }
  return undefined;
});

After(async function (this: Kit) {
  await this.end();
  await rm(this.folder, { recursive: true, force: true });
});
