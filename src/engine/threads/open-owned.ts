import { CodedError, type Datastore, type Layer } from "../../contract/index.ts";
import type { OpenDisk } from "./messages.ts";

/**
 * Opens the layer that the owner record names. Its stamp must agree: a newer one means that the catalog is not the
 * newest (restored from a backup, say) and nothing is touched; an older one (a crash after the commit, an
 * abandonment) is written anew before the first request.
 */
export async function openOwned(
  datastore: Datastore,
  open: OpenDisk,
): Promise<{ layer: Layer; location: string }> {
  const { layer: ref, disk, name, epoch, sizeBytes } = open;
  const info = await datastore.inspect(ref.layer);
  if (info === undefined) throw new CodedError("layer-not-found", { ...ref });
  const { stamp } = info;
  if (stamp.disk !== disk)
    throw new CodedError("disk-layer-foreign", { layer: ref.layer, found: `disk ${stamp.disk}`, disk: name });
  if (stamp.epoch > epoch)
    throw new CodedError("disk-layer-newer", {
      layer: ref.layer,
      disk: name,
      found: stamp.epoch,
      known: epoch,
    });
  const layer = await datastore.open(ref.layer, { sizeBytes });
  try {
    if (stamp.epoch !== epoch || stamp.state !== "owner")
      await datastore.stamp(ref.layer, { disk, epoch, state: "owner" });
  } catch (error) {
    await layer.close();
    throw error;
  }
  return { layer, location: info.location };
}
