import { randomBytes } from "node:crypto";
import type { Capabilities, ExtensionPoint, JsonObject, Plugin } from "pagurus";
import { Datastore } from "pagurus";
import {
  type OtherProcess,
  openPlugin,
  type PluginRequest,
  type PluginUnderTest,
  planeOf,
} from "pagurus/conformance";
import { setWorldConstructor, World } from "pagurus/steps";
import { otherProcesses } from "./durability/processes.ts";
import { LayerUnderTest } from "./layer-under-test.ts";

export interface KitParameters {
  readonly plugin: string;
  /** `{tmp}` in its texts stands for a fresh folder. */
  readonly config: JsonObject;
  /** What of it is otherwise on another host. */
  readonly otherHost?: JsonObject;
  readonly cwd: string;
  /** The extension point that is put to the test, such as `datastore`; or `function`. */
  readonly point: string;
  readonly seed: number;
  /** How many times as much as usual the random and the large checks do. */
  readonly effort: number;
  /** What the names of all that a run makes begin with. */
  readonly prefix: string;
  /** The run's own, removed after it. */
  readonly folder: string;
  /** The instance's name where a configuration file gives it one. */
  readonly id?: string;
  readonly secrets?: readonly string[];
}

/** Ends what one scenario did with one point, where there is something to end. */
const endPart = async (part: { end?(): Promise<void> }): Promise<void> => part.end?.();

/** The plugin under test in one scenario, and what the scenario did with it. */
export class Kit extends World<KitParameters> {
  readonly layers = new Map<string, LayerUnderTest>();
  readonly others: OtherProcess[] = [];
  readonly opened: PluginUnderTest[] = [];
  folder = "";
  /** What the object under test said that it can do when it had started. */
  declared: Capabilities = {};
  /** The layer that a scenario speaks of as “it”. */
  it: LayerUnderTest | undefined;
  readonly #parts = new Map<unknown, object>();
  readonly #prefix = `${this.parameters.prefix}-${randomBytes(4).toString("hex")}-`;

  get request(): PluginRequest {
    return this.requestIn(`${this.folder}/tmp`);
  }

  /** The same with another folder in the place of `{tmp}`, and with what is configured otherwise. */
  requestIn(tmp: string, changes: JsonObject = {}): PluginRequest {
    const { plugin, config, cwd, id, secrets } = this.parameters;
    const text = JSON.stringify({ ...config, ...changes }).replaceAll("{tmp}", tmp);
    return {
      plugin,
      config: JSON.parse(text) as JsonObject,
      cwd,
      dataDir: tmp,
      ...(id === undefined ? {} : { id }),
      ...(secrets === undefined ? {} : { secrets }),
    };
  }

  /** The manifest of the plugin under test. */
  get plugin(): Plugin {
    return this.#first.plugin;
  }

  get #first(): PluginUnderTest {
    const [first] = this.opened;
    if (!first) throw new Error("no plugin was opened");
    return first;
  }

  /** One more instance of the plugin, as another thread of the point's plane would have it. */
  async open(): Promise<PluginUnderTest> {
    const instance = await openPlugin(this.request, planeOf(this.parameters.point));
    this.opened.push(instance);
    return instance;
  }

  async otherProcess(): Promise<OtherProcess> {
    const other = await otherProcesses.take(this.request);
    this.others.push(other);
    return other;
  }

  /** The object under test behind a point. */
  instance<T extends { readonly id: string }>(point: ExtensionPoint<T>): T {
    return this.#first.get(point);
  }

  /** This scenario's only one of the class: made when it is first asked for, ended (`end()`) after the scenario. */
  part<T extends object>(of: new (kit: Kit) => T): T {
    const found = this.#parts.get(of);
    if (found instanceof of) return found;
    const made = new of(this);
    this.#parts.set(of, made);
    return made;
  }

  get datastore(): Datastore {
    return this.instance(Datastore);
  }

  /** What the scenario calls `name` in a store that others may use too, now or later. */
  freshName(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** What the scenario calls this; `undefined` where it is another's. */
  ownName(fresh: string): string | undefined {
    return fresh.startsWith(this.#prefix) ? fresh.slice(this.#prefix.length) : undefined;
  }

  /** A layer that the scenario gave this name, known from now on where it wasn't. Removed after the scenario. */
  layer(name: string, sizeBytes = 1024 * 1024): LayerUnderTest {
    const layer =
      this.layers.get(name) ?? new LayerUnderTest(this.datastore, this.freshName(name), sizeBytes);
    this.layers.set(name, layer);
    return layer;
  }

  get current(): LayerUnderTest {
    if (!this.it) throw new Error("the scenario has no layer");
    return this.it;
  }

  async end(): Promise<void> {
    for (const part of [...this.#parts.values()].reverse()) await endPart(part);
    for (const other of this.others) await otherProcesses.giveBack(other);
    for (const layer of this.layers.values()) {
      await layer.close();
      // What can't be removed is what the scenario has failed at.
      await this.datastore.remove(layer.name).catch(() => undefined);
    }
    for (const instance of this.opened) await instance.stop();
  }
}

setWorldConstructor(Kit);
