import type { ResourceRow } from "../../catalog/index.ts";
import type { LayerRef } from "../../contract/index.ts";

/** The layer that a record of the kind `layer` is of. */
export const layerOf = ({ ref }: Pick<ResourceRow, "ref">): LayerRef => ({
  datastore: String(ref["datastore"]),
  layer: String(ref["layer"]),
});
