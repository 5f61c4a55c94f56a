/** A process of its own, since it takes processor time: passes requests on to a server of S3, each one later. */
import { FaultProxy } from "../../scripts/minio/faults/proxy.ts";

const [url = "", delayMs = ""] = process.argv.slice(2);
const proxy = await FaultProxy.start(url);
proxy.delayMs = Number(delayMs);
process.stdout.write(`${proxy.url}\n`);
