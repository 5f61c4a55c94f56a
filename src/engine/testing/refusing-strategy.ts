import { CodedError, definePlugin, MigrationStrategy, z } from "../../contract/index.ts";

const MOST_BYTES = 1024 * 1024;

/** A strategy that moves nothing, and says beforehand that it can't move what is larger than 1 MiB. */
export default definePlugin({
  id: "refusing",
  apiVersion: 1,
  summary: "Refuses large disks",
  provides: [MigrationStrategy],
  config: z.strictObject({}),
  register({ bind }) {
    bind(MigrationStrategy).toConstantValue({
      id: "refusing",
      summary: "Refuses large disks",
      plan({ disk, sizeBytes }) {
        if (sizeBytes > MOST_BYTES)
          throw new CodedError("disk-too-large-to-move", { disk, sizeBytes, largestBytes: MOST_BYTES });
      },
      async run() {
        throw new CodedError("internal", { reason: "it moves nothing" });
      },
    });
  },
});
