import { randomUUID } from "node:crypto";
import { CodedError, reasonOf, z } from "pagurus";
import type { JournalDirectory } from "./directory.ts";

const ID_FILE = "journal.json";
const MAX_ID_BYTES = 4096;
const IdFile = z.object({ format: z.literal("pagurus-journal"), version: z.literal(1), id: z.uuid() });

/** Of one writer, open. */
export interface MadeJournal {
  /** Of the home that it lies in. */
  readonly id: string;
  readonly directory: JournalDirectory;
}

/**
 * The directory that holds the journals of all disks of a datastore: one directory for each writer of a log. It is opened
 * anew for each use: when a file system was lost and is back, whoever has its old root open meets errors for ever.
 */
export class JournalHome {
  readonly path: string;
  readonly #datastore: string;
  readonly #open: () => Promise<JournalDirectory>;
  /** Once it is known there is no other: what shows below a mount point whose disk has gone isn't taken for it. */
  #id: string | undefined;

  constructor(datastore: string, path: string, open: () => Promise<JournalDirectory>) {
    this.#datastore = datastore;
    this.path = path;
    this.#open = open;
  }

  /** Told apart by it: another directory under the same path isn't the same journal. None where nobody has made one yet. */
  id(): Promise<string | undefined> {
    return this.#within(async (_, id) => id);
  }

  /** Made where it is missing, durably. */
  make(log: string, nonce: string): Promise<MadeJournal> {
    return this.#within(async (root, found) => {
      const id = found ?? (await this.#begin(root));
      const directory = await root.directory(nameOf(log, nonce));
      await root.sync();
      return { id, directory };
    });
  }

  find(log: string, nonce: string): Promise<JournalDirectory | undefined> {
    const name = nameOf(log, nonce);
    return this.#within(async (root) =>
      (await root.names()).includes(name) ? root.directory(name) : undefined,
    );
  }

  /** Of one writer, or of all that a log had. */
  remove(log: string, nonce = ""): Promise<void> {
    return this.#within(async (root) => {
      for (const name of await root.names()) if (name.startsWith(nameOf(log, nonce))) await root.remove(name);
      await root.sync();
    });
  }

  /** Keeps what a log's writers have left where nobody takes it for theirs; answers its new names. */
  setAside(log: string): Promise<readonly string[]> {
    return this.#within(async (root) => {
      const left = (await root.names()).filter((name) => name.startsWith(nameOf(log, "")));
      for (const name of left) await root.rename(name, asideOf(name));
      if (left.length > 0) await root.sync();
      return left.map(asideOf);
    });
  }

  /** Tries what a writer needs of it. */
  check(): Promise<void> {
    return this.#within(async (root, found) => {
      const name = `check.${randomUUID()}`;
      try {
        if (found === undefined) await this.#begin(root);
        const file = await root.create(name);
        await file.datasync().finally(() => file.close());
        await root.sync();
      } catch (error) {
        throw this.#unavailable(error);
      } finally {
        await root.remove(name).catch(() => undefined);
      }
    });
  }

  async #within<T>(act: (root: JournalDirectory, id: string | undefined) => Promise<T>): Promise<T> {
    const root = await this.#open().catch((error: unknown) => {
      throw this.#unavailable(error);
    });
    try {
      return await act(root, await this.#identify(root));
    } finally {
      await root.close();
    }
  }

  async #identify(root: JournalDirectory): Promise<string | undefined> {
    const found = await readId(root).catch((error: unknown) => {
      throw this.#unavailable(error);
    });
    this.#id ??= found;
    if (found !== this.#id)
      throw this.#unavailable(`it was the journal ${this.#id}, and is ${found ?? "none"} now`);
    return found;
  }

  /** Only for who is going to write: a mount point that still lacks its disk must not become a journal by a look. */
  async #begin(root: JournalDirectory): Promise<string> {
    this.#id = await makeId(root);
    return this.#id;
  }

  #unavailable(cause: unknown): CodedError {
    const reason = `its journal ${this.path}: ${reasonOf(cause)}`;
    return new CodedError("datastore-unavailable", { datastore: this.#datastore, reason }, { cause });
  }
}

const nameOf = (log: string, nonce: string): string => `${log}.${nonce}`;
const asideOf = (name: string): string => `aside.${name}`;

const readId = async (root: JournalDirectory): Promise<string | undefined> => {
  const file = await root.open(ID_FILE);
  if (file === undefined) return undefined;
  const bytes = Buffer.alloc(MAX_ID_BYTES);
  const length = await file.read(bytes, 0).finally(() => file.close());
  const text = bytes.toString("utf8", 0, length);
  const found = IdFile.safeParse(parsed(text));
  if (!found.success) throw new Error(`${ID_FILE} doesn't say which journal it is`);
  return found.data.id;
};

/** Whoever comes first: others find the whole file, or none. */
const makeId = async (root: JournalDirectory): Promise<string> => {
  const id = randomUUID();
  const temporary = `${ID_FILE}.${id}`;
  const file = await root.create(temporary);
  try {
    await file.write([Buffer.from(`${JSON.stringify({ format: "pagurus-journal", version: 1, id })}\n`)], 0);
    await file.datasync();
    await root.link(temporary, ID_FILE);
  } finally {
    await file.close();
    await root.remove(temporary);
  }
  await root.sync();
  const winner = await readId(root);
  if (winner === undefined) throw new Error(`${ID_FILE} has gone`);
  return winner;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
