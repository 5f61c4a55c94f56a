import { basename, dirname, sep } from "node:path";
import type { Fate } from "./versions.ts";
import { type FileState, VolatileFile } from "./volatile-file.ts";

/** What a name stands for. */
export type Node = VolatileFile | Directory;

/** A directory: its entries as programs see them, and as storage holds them. */
export class Directory {
  readonly entries = new Map<string, Node>();
  readonly durable = new Map<string, Node>();
}

/** One entry that a change makes (`node`) or takes away (`gone`). */
interface EntryChange {
  readonly directory: Directory;
  readonly name: string;
  readonly node?: Node;
  readonly gone?: Node;
}

/** What one call does to directory entries: reaches storage as a whole, or not. */
interface Change {
  readonly at: number;
  readonly entries: EntryChange[];
}

/** What a directory holds after a power cut; a file of two names is the same object twice. */
export type DirectoryState = Map<string, FileState | DirectoryState>;

/**
 * The files below one directory as a running system has them, and all that a power cut could leave of them: what was
 * not synced reaches storage or doesn't, each sector, each size and each change of entries on its own. So writes are
 * torn and reordered as far as storage may do that.
 */
export class VolatileTree {
  readonly root = new Directory();
  readonly #path: string;
  #changes: Change[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether a path is the root's or below it. */
  has(path: string): boolean {
    return path === this.#path || path.startsWith(this.#path + sep);
  }

  at(path: string): Node | undefined {
    if (path === this.#path) return this.root;
    const parent = this.has(path) ? this.at(dirname(path)) : undefined;
    return parent instanceof Directory ? parent.entries.get(basename(path)) : undefined;
  }

  /** Gives each name its node, or takes it away: one change. `at`: when it has ended. */
  change(names: readonly { readonly path: string; readonly node: Node | undefined }[], at: number): void {
    const entries = names.flatMap(({ path, node }): EntryChange[] => {
      const directory = this.at(dirname(path));
      if (!(directory instanceof Directory)) return [];
      const name = basename(path);
      const gone = directory.entries.get(name);
      if (node !== undefined) return [{ directory, name, node }];
      return gone === undefined ? [] : [{ directory, name, gone }];
    });
    for (const entry of entries) apply(entry, entry.directory.entries);
    this.#changes.push({ at, entries });
  }

  /** What had been changed in the directory until then is durable. */
  settle(directory: Directory, until: number): void {
    for (const { at, entries } of this.#changes) {
      if (at > until) continue;
      for (const entry of entries.filter((one) => one.directory === directory)) {
        apply(entry, directory.durable);
        entries.splice(entries.indexOf(entry), 1);
      }
    }
    this.#changes = this.#changes.filter(({ entries }) => entries.length > 0);
  }

  /** As `sync` does. */
  settleAll(until: number): void {
    for (const node of this.#nodes()) if (node instanceof VolatileFile) node.settle(until);
    for (const node of this.#nodes()) if (node instanceof Directory) this.settle(node, until);
  }

  /** Whether a power cut could leave anything else than what programs see. */
  get volatile(): boolean {
    return (
      this.#changes.length > 0 ||
      [...this.#nodes()].some((node) => node instanceof VolatileFile && node.volatile)
    );
  }

  /** What a power cut leaves. */
  survivor(fate: Fate): DirectoryState {
    const entriesOf = new Map<Directory, Map<string, Node>>();
    const of = (directory: Directory) => {
      const entries = entriesOf.get(directory) ?? new Map(directory.durable);
      entriesOf.set(directory, entries);
      return entries;
    };
    for (const { entries } of this.#changes)
      if (fate.change()) for (const entry of entries) apply(entry, of(entry.directory));
    const states = new Map<Node, FileState | DirectoryState>();
    const stateOf = (node: Node): FileState | DirectoryState => {
      const state = states.get(node) ?? (node instanceof VolatileFile ? node.survivor(fate) : list(node));
      states.set(node, state);
      return state;
    };
    const list = (directory: Directory): DirectoryState =>
      new Map([...of(directory)].map(([name, node]) => [name, stateOf(node)]));
    return list(this.root);
  }

  *#nodes(from: Directory = this.root): Iterable<Node> {
    yield from;
    for (const node of from.entries.values())
      if (node instanceof Directory) yield* this.#nodes(node);
      else yield node;
  }
}

const apply = ({ name, node, gone }: EntryChange, entries: Map<string, Node>): void => {
  if (node !== undefined) entries.set(name, node);
  else if (entries.get(name) === gone) entries.delete(name);
};
