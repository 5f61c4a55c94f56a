import type { Call } from "./strace-text.ts";
import type { Effect, Effects, Traced } from "./traced.ts";

/** Calls that change a file in ways which a trace doesn't show: what a power cut leaves can't be told then. */
export const unseenEffects = (traced: Traced): Effects => {
  const always = (): boolean => true;
  const byDescriptor = (what: string, index: number, when: (call: Call) => boolean = always): Effect => ({
    begin: (call) => {
      if (traced.file(call, index) && when(call)) traced.unseen.add(what);
    },
  });
  const byPath = (what: string, index: number): Effect => ({
    begin: (call) => {
      if (traced.tree.has(traced.path(call, index))) traced.unseen.add(what);
    },
  });
  // SQLite's index of its log is made anew from the log when nobody has the database open, so also after a power cut.
  const isRemade = (call: Call) => traced.file(call, 4)?.path.endsWith("-shm") ?? false;
  const shared = (call: Call) =>
    /MAP_SHARED/.test(call.args[3] ?? "") && /PROT_WRITE/.test(call.args[2] ?? "") && !isRemade(call);
  const clones = ({ args }: Call) => /FICLONE|FIDEDUPE/.test(args[1] ?? "");
  const copies = "copies between files in the kernel";
  const attributes = "keeps extended attributes";
  const links = "makes symbolic links";
  return {
    mmap: byDescriptor("writes to files through mapped memory", 4, shared),
    io_uring_setup: { begin: () => traced.unseen.add("uses io_uring") },
    copy_file_range: byDescriptor(copies, 2),
    sendfile: byDescriptor(copies, 0),
    splice: byDescriptor(copies, 2),
    ioctl: byDescriptor(copies, 0, clones),
    fsetxattr: byDescriptor(attributes, 0),
    setxattr: byPath(attributes, 0),
    lsetxattr: byPath(attributes, 0),
    symlink: byPath(links, 1),
    symlinkat: byPath(links, 2),
  };
};
