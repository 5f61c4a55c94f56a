/** `ROOT FROM-BYTES TO-BYTES STEPS`: resizes the layer `a`, and ends by SIGKILL before it has made one step more. */
import { LocalDatastore } from "../datastore.ts";
import { steppedFiles } from "./stepped-files.ts";

const [root = "", ...numbers] = process.argv.slice(2);
const [fromBytes = 0, toBytes = 0, steps = 0] = numbers.map(Number);
const log = { debug() {}, info() {}, warn() {}, error() {} };

let left = steps;
const files = steppedFiles(() => {
  if (left-- > 0) return;
  process.kill(process.pid, "SIGKILL");
  // Nothing more is done in the moment that the signal takes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
const layer = await new LocalDatastore("local", { root }, { files, log }).open("a", { sizeBytes: fromBytes });
await layer.resize(toBytes);
await layer.close();
