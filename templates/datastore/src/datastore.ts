import type { Datastore, DatastoreStatus, Layer, LayerInfo, LayerSpec, Stamp } from "pagurus";
import type { MyPluginConfig } from "./config.ts";
import { toDo } from "./to-do.ts";

export class MyPluginDatastore implements Datastore {
  readonly id: string;
  /** What this instance promises. Declare a capability when its scenarios pass. */
  readonly capabilities = {};
  readonly config: MyPluginConfig;

  constructor(id: string, config: MyPluginConfig) {
    this.id = id;
    this.config = config;
  }

  async create(_spec: LayerSpec): Promise<void> {
    toDo(
      "create",
      "assertLayerName, then make an empty layer with its stamp; layer-exists where there is one",
    );
  }

  async open(
    _layer: string,
    _options: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    return toDo(
      "open",
      "answer a MyPluginLayer; layer-not-found, layer-too-short, layer-in-use for a second writer",
    );
  }

  async stamp(_layer: string, _stamp: Stamp): Promise<void> {
    toDo(
      "stamp",
      "replace the layer's stamp so that a crash leaves the old one or the new one; layer-not-found",
    );
  }

  async inspect(_layer: string): Promise<LayerInfo | undefined> {
    return toDo(
      "inspect",
      "answer what is known of a layer without opening it; undefined where there is none",
    );
  }

  async remove(_layer: string): Promise<void> {
    toDo("remove", "remove the layer for good; nothing where there is none, layer-in-use where it is open");
  }

  async *list(): AsyncIterable<LayerInfo> {
    yield toDo("list", "yield what inspect answers for every layer, a page at a time");
  }

  async check(): Promise<DatastoreStatus> {
    return toDo("check", "write and remove something of your own; datastore-unavailable says what is wrong");
  }
}
