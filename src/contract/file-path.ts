import { z } from "zod";

/**
 * A path in a plugin's configuration: a relative one starts at the folder of `pagurus.yaml`, and the plugin gets it
 * absolute. A plugin's own files without such a key belong under `dataDir`.
 *
 * @example config: z.strictObject({ root: FilePath.describe("directory that holds the layers") })
 */
export const FilePath = z.string().min(1).meta({ path: true });
