import type { JsonObject } from "pagurus";
import { Datastore, DiskExport } from "pagurus";
import {
  type OtherProcess,
  openPlugin,
  type PluginRequest,
  type PluginUnderTest,
  startOtherProcess,
} from "pagurus/conformance";
import { setWorldConstructor, World } from "pagurus/steps";
import { ExportKit } from "./export-kit.ts";
import { LayerUnderTest } from "./layer-under-test.ts";

export interface KitParameters {
  readonly plugin: string;
  /** `{tmp}` in its texts stands for a fresh folder. */
  readonly config: JsonObject;
  readonly cwd: string;
  readonly seed: number;
}

/** The plugin under test in one scenario, and what the scenario did with it. */
export class Kit extends World<KitParameters> {
  readonly layers = new Map<string, LayerUnderTest>();
  readonly others: OtherProcess[] = [];
  readonly opened: PluginUnderTest[] = [];
  folder = "";
  /** The layer that a scenario speaks of as “it”. */
  it: LayerUnderTest | undefined;
  #exports: ExportKit | undefined;

  get request(): PluginRequest {
    const text = JSON.stringify(this.parameters.config).replaceAll("{tmp}", `${this.folder}/tmp`);
    return {
      plugin: this.parameters.plugin,
      config: JSON.parse(text) as JsonObject,
      cwd: this.parameters.cwd,
      dataDir: `${this.folder}/tmp`,
    };
  }

  /** One more instance of the plugin, as another thread would have it. */
  async open(): Promise<PluginUnderTest> {
    const instance = await openPlugin(this.request);
    this.opened.push(instance);
    return instance;
  }

  async otherProcess(): Promise<OtherProcess> {
    const other = await startOtherProcess(this.request);
    this.others.push(other);
    return other;
  }

  get datastore(): Datastore {
    return this.#first.get(Datastore);
  }

  /** The exported disks of this scenario. */
  get exports(): ExportKit {
    this.#exports ??= new ExportKit(this.#first.get(DiskExport));
    return this.#exports;
  }

  get #first(): PluginUnderTest {
    const [first] = this.opened;
    if (!first) throw new Error("no plugin was opened");
    return first;
  }

  /** A layer that the scenario gave this name, known from now on where it wasn't. */
  layer(name: string, sizeBytes = 1024 * 1024): LayerUnderTest {
    const layer = this.layers.get(name) ?? new LayerUnderTest(this.datastore, name, sizeBytes);
    this.layers.set(name, layer);
    return layer;
  }

  get current(): LayerUnderTest {
    if (!this.it) throw new Error("the scenario has no layer");
    return this.it;
  }

  async end(): Promise<void> {
    await this.#exports?.end();
    for (const other of this.others) await other.kill();
    for (const layer of this.layers.values()) await layer.close();
    for (const instance of this.opened) await instance.stop();
  }
}

setWorldConstructor(Kit);
