const unitSuffix = /(?<=[a-z0-9])(Bytes|Ms)$/;

/** `maxPauseMs` is `max-pause`, `maxBytesPerSecond` is `max-bytes-per-second`. */
export const kebabOf = (field: string): string =>
  field
    .replace(unitSuffix, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** The heading of a value for people: `bytesCopied` is `bytes copied`. */
export const labelOf = (field: string): string => kebabOf(field).replaceAll("-", " ");

/** One of what an English plural names; a word that isn't a plural stays. */
export const singularOf = (plural: string): string => {
  if (/(ss|us|is)$/.test(plural)) return plural;
  if (/[^aeiou]ies$/.test(plural)) return plural.replace(/ies$/, "y");
  if (/(ss|x|sh|[trn]ch)es$/.test(plural)) return plural.slice(0, -2);
  return plural.replace(/s$/, "");
};

/** What a number in a field of this name counts. */
export const unitOf = (field: string): "bytes" | "bytes-per-second" | "ms" | undefined => {
  if (/([bB]ytesPerSecond)$/.test(field)) return "bytes-per-second";
  if (/(^bytes|Bytes)(?![a-z])/.test(field)) return "bytes";
  return /(^ms|Ms)(?![a-z])/.test(field) ? "ms" : undefined;
};
