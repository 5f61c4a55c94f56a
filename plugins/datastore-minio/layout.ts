/** Where things lie below the datastore's prefix. README.md says it for people. */
export const LAYERS = "layers/";

/** Everything that says what a layer is. */
export const layerKey = (layer: string): string => `${LAYERS}${layer}/`;

/** A layer is there while this object is. */
export const madeKey = (layer: string): string => `${layerKey(layer)}made`;

/** A later state of a layer whose log is `log`; the highest number rules. */
export const stateKey = (layer: string, log: string, number: number): string =>
  `${layerKey(layer)}${log}.${digits(number)}`;

export const LOGS = "logs/";

export const logKey = (log: string): string => `${LOGS}${log}/`;

/** The log that the object with that key belongs to; undefined where it belongs to none. */
export const logOf = (key: string): string | undefined => /^logs\/([^/]+)\//.exec(key)?.[1];

export const logObjectKey = (log: string, number: number): string => `${logKey(log)}${digits(number)}`;

export const checkpointsKey = (log: string): string => `checkpoints/${log}/`;

/** Made by the writer with that nonce. */
export const checkpointKey = (log: string, { number, nonce }: CheckpointName): string =>
  `${checkpointsKey(log)}${digits(number)}.${nonce}`;

/** A checkpoint covers the log through `number`. */
export interface CheckpointName {
  readonly number: number;
  readonly nonce: string;
}

/** The highest number of a log object: numbers take four bytes in the map. */
export const LAST_NUMBER = 0xffff_fffe;

/** Of a newer release: the positions of a log that others are built on. */
export const pinsKey = (log: string): string => `pins/${log}/`;

/** The layer or log that a key is below, whatever it says of it. */
export const ownerOf = (key: string): string | undefined =>
  /^(?:layers|logs|checkpoints|pins)\/([^/]+)\//.exec(key)?.[1];

/** What repairs have put aside, under the keys that it had. */
export const LOST = "lost/";

const DIGITS = 16;
const digits = (number: number): string => String(number).padStart(DIGITS, "0");

/** The number of the log object with that key; undefined where it is no log object's. */
export const numberOf = (key: string): number | undefined => {
  const text = /\/(\d{16})$/.exec(key)?.[1];
  return text === undefined ? undefined : Number(text);
};

/** The checkpoint with that key; undefined where it is no checkpoint's. */
export const checkpointOf = (key: string): CheckpointName | undefined => {
  const [, number, nonce] = /\/(\d{16})\.([0-9a-f]{32})$/.exec(key) ?? [];
  return number === undefined || nonce === undefined ? undefined : { number: Number(number), nonce };
};

/** The number of the checkpoint that the object with that key is, or is a part of. */
export const checkpointNumberOf = (key: string): number | undefined => {
  const [, number] = /\/(\d{16})\.[0-9a-f]{32}(?:\.\d+)?$/.exec(key) ?? [];
  return number === undefined ? undefined : Number(number);
};

/** What a key below `layers/` says: that a layer was made, or a later state of it. Undefined where it is none of ours. */
export const layerEntryOf = (
  key: string,
):
  | { readonly layer: string; readonly state?: { readonly log: string; readonly number: number } }
  | undefined => {
  const [, layer, name] = /^layers\/([a-z0-9_-]{1,128})\/([^/]+)$/.exec(key) ?? [];
  if (layer === undefined || name === undefined) return undefined;
  if (name === "made") return { layer };
  const [, log, number] = /^([0-9a-f-]{36})\.(\d{16})$/.exec(name) ?? [];
  return log === undefined ? undefined : { layer, state: { log, number: Number(number) } };
};
