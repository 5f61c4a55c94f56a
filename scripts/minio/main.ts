/** `npm run minio`: builds the MinIO server that tests, benches and demos use, unless there is one. */
import { buildBinary } from "./build.ts";
import { findBinary } from "./place.ts";

try {
  process.stdout.write(`${(await findBinary()) ?? (await buildBinary())}\n`);
} catch (error) {
  process.stderr.write(`MinIO could not be built: ${error instanceof Error ? error.message : error}\n`);
  process.stderr.write("It needs Go 1.24 or newer, 2 GB while it is built, and some minutes.\n");
  process.exitCode = 1;
}
