import type { OpenFile } from "./descriptors.ts";
import { bytesOf, type Call } from "./strace-text.ts";
import type { Effect, Effects, Traced } from "./traced.ts";
import { VolatileFile } from "./volatile-file.ts";
import { Directory, type Node } from "./volatile-tree.ts";

/** What calls do to names, and which descriptors they make. */
export const nameEffects = (traced: Traced): Effects => {
  const { tree, files, unseen } = traced;
  const opened = new Map<Call, OpenFile>();

  const open = (call: Call, path: string, flags: string): void => {
    if (!tree.has(path)) return;
    const nameless = flags.includes("O_TMPFILE");
    const known = nameless ? undefined : tree.at(path);
    const node: Node = known ?? new VolatileFile();
    if (known === undefined && !nameless) {
      if (!flags.includes("O_CREAT")) return;
      tree.change([{ path, node }], call.ended);
    }
    if (flags.includes("O_TRUNC") && node instanceof VolatileFile) node.truncate(0, call.ended);
    const append = flags.includes("O_APPEND");
    opened.set(call, { node, path, append, synchronous: /O_D?SYNC/.test(flags), position: 0 });
  };
  const opens = (begin: (call: Call) => void): Effect => ({
    begin,
    end: (call) => files.set(call.pid, call.result ?? -1, opened.get(call)),
  });
  const duplicates: Effect = {
    end: (call) => files.set(call.pid, call.result ?? -1, traced.file(call)),
  };

  const make = (call: Call, path: string, node: Node | undefined): void => {
    if (tree.has(path) && node === undefined) unseen.add("links files in from elsewhere");
    else if (tree.has(path)) tree.change([{ path, node }], call.ended);
  };
  const remove = (call: Call, path: string): void => {
    if (tree.at(path)) tree.change([{ path, node: undefined }], call.ended);
  };
  const rename = (call: Call, from: string, to: string): void => {
    if (!tree.has(from) && !tree.has(to)) return;
    const node = tree.at(from);
    if (node === undefined) unseen.add("moves files in from elsewhere");
    const other = call.args.at(-1)?.includes("RENAME_EXCHANGE") ? tree.at(to) : undefined;
    const names = [
      { path: from, node: other },
      { path: to, node },
    ];
    tree.change(names, call.ended);
  };
  /** What a link is made to: `/proc/self/fd/N` stands for a file without a name. */
  const linked = (call: Call): Node | undefined => {
    const descriptor = /^\/proc\/self\/fd\/(\d+)$/.exec(bytesOf(call.args[1]).toString());
    if (descriptor) return files.get(call.pid, Number(descriptor[1]))?.node;
    return tree.at(traced.path(call, 1, true));
  };

  return {
    open: opens((call) => open(call, traced.path(call, 0), call.args[1] ?? "")),
    openat: opens((call) => open(call, traced.path(call, 1, true), call.args[2] ?? "")),
    openat2: opens((call) => open(call, traced.path(call, 1, true), call.args[2] ?? "")),
    creat: opens((call) => open(call, traced.path(call, 0), "O_CREAT|O_TRUNC")),
    close: { begin: (call) => files.set(call.pid, Number(call.args[0]), undefined) },
    dup: duplicates,
    dup2: duplicates,
    dup3: duplicates,
    fcntl: {
      end: (call) => {
        if (call.args[1]?.startsWith("F_DUPFD")) duplicates.end?.(call);
      },
    },
    link: { begin: (call) => make(call, traced.path(call, 1), tree.at(traced.path(call, 0))) },
    linkat: { begin: (call) => make(call, traced.path(call, 3, true), linked(call)) },
    rename: { begin: (call) => rename(call, traced.path(call, 0), traced.path(call, 1)) },
    renameat: { begin: (call) => rename(call, traced.path(call, 1, true), traced.path(call, 3, true)) },
    renameat2: { begin: (call) => rename(call, traced.path(call, 1, true), traced.path(call, 3, true)) },
    unlink: { begin: (call) => remove(call, traced.path(call, 0)) },
    unlinkat: { begin: (call) => remove(call, traced.path(call, 1, true)) },
    rmdir: { begin: (call) => remove(call, traced.path(call, 0)) },
    mkdir: { begin: (call) => make(call, traced.path(call, 0), new Directory()) },
    mkdirat: { begin: (call) => make(call, traced.path(call, 1, true), new Directory()) },
  };
};
