/** For the tests: a process that locks the catalog of its argument and lives until it is killed. */
import { CodedError } from "pagurus";
import { SqliteCatalog } from "./catalog.ts";

const catalog = new SqliteCatalog("catalog", process.argv[2] ?? "");
try {
  await catalog.start();
  await catalog.lock();
  process.send?.("locked");
} catch (error) {
  process.send?.(CodedError.is(error) ? error.code : String(error));
}
process.on("message", () => {});
