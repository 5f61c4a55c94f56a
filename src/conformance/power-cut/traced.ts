import { resolve } from "node:path";
import { Descriptors, type OpenFile } from "./descriptors.ts";
import { bytesOf, type Call } from "./strace-text.ts";
import { VolatileFile } from "./volatile-file.ts";
import { VolatileTree } from "./volatile-tree.ts";

/** What a call does when it begins, as far as it succeeded, and when it ends. */
export interface Effect {
  begin?(call: Call): void;
  end?(call: Call): void;
}
/** By the names of the calls. */
export type Effects = Readonly<Record<string, Effect>>;

/** A directory that a trace is about, and the descriptors that stand for what is in it. */
export class Traced {
  readonly tree: VolatileTree;
  readonly files: Descriptors;
  /** What was done to the directory that the trace doesn't show. */
  readonly unseen = new Set<string>();
  readonly #cwd: string;

  constructor(calls: readonly Call[], options: { readonly root: string; readonly cwd: string }) {
    this.tree = new VolatileTree(options.root);
    this.files = new Descriptors(calls);
    this.#cwd = options.cwd;
  }

  /** The path in argument `index`; `at`: relative to the directory in the argument before it. */
  path(call: Call, index: number, at = false): string {
    const path = bytesOf(call.args[index]).toString();
    const [, descriptor, below = ""] = /^\/proc\/self\/fd\/(\d+)(?:\/(.*))?$/.exec(path) ?? [];
    const open = descriptor && this.files.get(call.pid, Number(descriptor));
    if (open) return resolve(open.path, below);
    const from = at ? this.file(call, index - 1)?.path : undefined;
    return resolve(from ?? this.#cwd, path);
  }

  file(call: Call, index = 0): OpenFile | undefined {
    return this.files.get(call.pid, Number(call.args[index]));
  }

  /** Whether the call is about the directory or a file in it. */
  concerns(call: Call): boolean {
    return (
      this.file(call) !== undefined ||
      call.args.some((argument, index) => argument.startsWith('"') && this.tree.has(this.path(call, index)))
    );
  }

  content(call: Call): VolatileFile | undefined {
    const node = this.file(call)?.node;
    return node instanceof VolatileFile ? node : undefined;
  }
}
