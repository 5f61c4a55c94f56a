import { cp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab, LabPart } from "../world.ts";

const root = dirname(fileURLToPath(new URL("../../package.json", import.meta.url)));

/** The plugin of version 1, in a folder with a copy of this package and of what its schemas are made with. */
export class SecondCopy implements LabPart {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  get plugin(): string {
    return join(this.#folder, "lib", "plugin.js");
  }

  async install(): Promise<void> {
    const copy = join(this.#folder, "node_modules", "pagurus");
    await cp(join(root, "src/engine/testing/plugin-v1"), this.#folder, { recursive: true });
    for (const part of ["package.json", "src/contract", "node_modules/zod"])
      await cp(join(root, part), join(copy, part), { recursive: true });
    this.#lab.setup.sections = {
      plugins: [this.plugin],
      datastores: {
        wood: { plugin: "driftwood", limitBytes: 16 * 1024 * 1024 },
        fast: { plugin: "datastore-local", root: this.#lab.folderOf("fast") },
      },
    };
  }

  /** A configuration with one key that the plugin doesn't know. */
  async misconfigure(key: string): Promise<string> {
    const file = join(this.#lab.folder, "wrong.yaml");
    const datastores = { wood: { plugin: "driftwood", [key]: 1 } };
    await writeFile(file, JSON.stringify({ plugins: [this.plugin], datastores }));
    return file;
  }

  async end(): Promise<void> {}

  get #folder(): string {
    return join(this.#lab.folder, "driftwood");
  }
}
