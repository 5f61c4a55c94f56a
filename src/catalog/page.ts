/** One page of a list. `next` is the `after` of the page behind it; absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Without `limit` a list is whole. */
export interface PageOptions {
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** How many rows to ask for: one more than the page holds tells whether another follows. */
export const rowsFor = ({ limit }: PageOptions): number =>
  limit === undefined ? Number.MAX_SAFE_INTEGER : limit + 1;

/** Makes a page of the rows that were found, `cursorOf` of its last item being the way on. */
export const pageOf = <R, T>(
  rows: readonly R[],
  { limit }: PageOptions,
  { item, cursor }: { readonly item: (row: R) => T; readonly cursor: (row: R) => string },
): Page<T> => {
  const shown = limit === undefined ? rows : rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    ...(last !== undefined && shown.length < rows.length && { next: cursor(last) }),
  };
};
