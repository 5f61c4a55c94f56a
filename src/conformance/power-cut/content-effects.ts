import { bytesOf, type Call } from "./strace-text.ts";
import type { Effect, Effects, Traced } from "./traced.ts";
import { VolatileFile } from "./volatile-file.ts";
import { Directory } from "./volatile-tree.ts";

/** What calls do to the content of files, and what they make durable. */
export const contentEffects = (traced: Traced): Effects => {
  const { tree, unseen } = traced;

  const write = (call: Call, at?: number): void => {
    const file = traced.file(call);
    if (!(file?.node instanceof VolatileFile)) return;
    const bytes = bytesOf(call.args[1]).subarray(0, call.result);
    const offset = file.append ? file.node.sizeBytes : (at ?? file.position);
    file.node.write(bytes, offset, call.ended);
    if (at === undefined) file.position = offset + bytes.length;
  };
  const writes = (begin: (call: Call) => void): Effect => ({
    begin,
    end: (call) => {
      if (traced.file(call)?.synchronous || /RWF_D?SYNC/.test(call.args[4] ?? ""))
        traced.content(call)?.settle(call.ended);
    },
  });
  const reads: Effect = {
    end: (call) => {
      const file = traced.file(call);
      if (file) file.position += call.result ?? 0;
    },
  };
  const syncs: Effect = {
    end: (call) => {
      const node = traced.file(call)?.node;
      if (node instanceof VolatileFile) node.settle(call.begun);
      if (node instanceof Directory) tree.settle(node, call.begun);
    },
  };
  const allocate = (call: Call): void => {
    const [, mode = "", offset, length] = call.args;
    const file = traced.content(call);
    if (/PUNCH_HOLE|ZERO_RANGE/.test(mode)) file?.zero(Number(offset), Number(length), call.ended);
    else if (/COLLAPSE|INSERT/.test(mode) && file) unseen.add("shifts parts of files");
    if (!mode.includes("KEEP_SIZE")) file?.extend(Number(offset) + Number(length), call.ended);
  };

  return {
    write: writes((call) => write(call)),
    writev: writes((call) => write(call)),
    pwrite64: writes((call) => write(call, Number(call.args[3]))),
    pwritev: writes((call) => write(call, Number(call.args[3]))),
    pwritev2: writes((call) => write(call, call.args[3] === "-1" ? undefined : Number(call.args[3]))),
    read: reads,
    readv: reads,
    lseek: {
      end: (call) => {
        const file = traced.file(call);
        if (file) file.position = call.result ?? 0;
      },
    },
    ftruncate: { begin: (call) => traced.content(call)?.truncate(Number(call.args[1]), call.ended) },
    truncate: {
      begin: (call) => {
        const node = tree.at(traced.path(call, 0));
        if (node instanceof VolatileFile) node.truncate(Number(call.args[1]), call.ended);
      },
    },
    fallocate: { begin: allocate },
    fsync: syncs,
    fdatasync: syncs,
    sync: { end: (call) => tree.settleAll(call.begun) },
    syncfs: { end: (call) => traced.file(call) && tree.settleAll(call.begun) },
  };
};
