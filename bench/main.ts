import { parseArgs } from "node:util";
import { benchNbd } from "./nbd.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, folder: { type: "string" } },
});
if (positionals[0] !== "nbd") {
  process.stderr.write(
    "usage: npm run bench -- nbd [--quick] [--folder DIR]   (after npm run build; needs fio, qemu-nbd, nbdkit)\n",
  );
  process.exitCode = 2;
} else await benchNbd({ quick: values.quick, folder: values.folder });
