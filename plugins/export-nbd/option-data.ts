/** What INFO and GO ask for. */
export interface InfoQuery {
  readonly name: string;
  readonly infos: readonly number[];
}

/** What LIST_META_CONTEXT and SET_META_CONTEXT ask for. */
export interface ContextQuery {
  readonly name: string;
  readonly queries: readonly string[];
}

/** The longest string that the protocol allows. */
const MAX_STRING_BYTES = 4096;

/** Reads an option's data; a `take…` answers undefined at the end of it. */
class Reader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get ended(): boolean {
    return this.#at === this.#data.length;
  }

  take(bytes: number): Buffer | undefined {
    if (this.#data.length - this.#at < bytes) return undefined;
    this.#at += bytes;
    return this.#data.subarray(this.#at - bytes, this.#at);
  }

  takeText(): string | undefined {
    const length = this.take(4)?.readUInt32BE(0);
    if (length === undefined || length > MAX_STRING_BYTES) return undefined;
    return this.take(length)?.toString("utf8");
  }
}

/** `undefined` where the data is not well formed. */
export const parseInfoQuery = (data: Buffer): InfoQuery | undefined => {
  const reader = new Reader(data);
  const name = reader.takeText();
  const count = reader.take(2)?.readUInt16BE(0);
  if (name === undefined || count === undefined) return undefined;
  const infos: number[] = [];
  for (let n = 0; n < count; n++) {
    const info = reader.take(2)?.readUInt16BE(0);
    if (info === undefined) return undefined;
    infos.push(info);
  }
  return reader.ended ? { name, infos } : undefined;
};

/** `undefined` where the data is not well formed. */
export const parseContextQuery = (data: Buffer): ContextQuery | undefined => {
  const reader = new Reader(data);
  const name = reader.takeText();
  const count = reader.take(4)?.readUInt32BE(0);
  if (name === undefined || count === undefined) return undefined;
  const queries: string[] = [];
  for (let n = 0; n < count; n++) {
    const query = reader.takeText();
    if (query === undefined) return undefined;
    queries.push(query);
  }
  return reader.ended ? { name, queries } : undefined;
};
