import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Capabilities } from "pagurus";
import { flushed, tokenOf } from "pagurus/conformance";
import { After, Before, setDefaultTimeout } from "pagurus/steps";
import type { Kit } from "./world.ts";

/** How long a step may take that doesn't say itself. */
const STEP_MS = 30_000;
setDefaultTimeout(STEP_MS);

const tagged = (tags: readonly { readonly name: string }[], kind: string): string[] =>
  tags.flatMap(({ name }) => (name.startsWith(`@${kind}:`) ? [name.slice(kind.length + 2)] : []));

/** Whether a capability, or one of its family (`durability` has `durability-local`), is declared. */
const declares = (capabilities: Capabilities, wanted: string): boolean =>
  Object.entries(capabilities).some(
    ([name, value]) => Boolean(value) && (name === wanted || name.startsWith(`${wanted}-`)),
  );

/** Those of the object under test; of points whose objects have none, and of functions, none. */
const capabilitiesOf = (kit: Kit): Capabilities => {
  const token = tokenOf(kit.parameters.point);
  const object: { readonly id: string; readonly capabilities?: Capabilities } | undefined =
    token && kit.instance(token);
  return { ...object?.capabilities };
};

Before(async function (this: Kit, { pickle }) {
  await flushed();
  this.folder = await mkdtemp(join(this.parameters.folder, "s-"));
  await mkdir(join(this.folder, "tmp"), { mode: 0o700 });
  await this.open();
  this.declared = capabilitiesOf(this);
  for (const wanted of tagged(pickle.tags, "capability"))
    if (!declares(this.declared, wanted)) {
      this.log(`needs ${wanted}`);
      return "skipped";
    }
  for (const unwanted of tagged(pickle.tags, "without"))
    if (declares(this.declared, unwanted)) {
      this.log(`needs it without ${unwanted}`);
      return "skipped";
    }
  return undefined;
});

After(async function (this: Kit) {
  const now = this.opened.length > 0 ? capabilitiesOf(this) : this.declared;
  await this.end();
  await rm(this.folder, { recursive: true, force: true });
  for (const name of new Set([...Object.keys(this.declared), ...Object.keys(now)]))
    if (now[name] !== this.declared[name])
      throw new Error(
        `its capability ${name} changed from ${this.declared[name]} to ${now[name]} while it ran; capabilities are fixed once it has started, because a guest's disk was placed by them`,
      );
});
