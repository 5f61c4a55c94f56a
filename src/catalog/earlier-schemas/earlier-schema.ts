/**
 * A catalog as an earlier release left it, written down when that release was made and never changed since: it does
 * not follow what the schema's steps say today.
 */
export interface EarlierSchema {
  readonly version: number;
  /** Makes the tables, in order. */
  readonly statements: readonly string[];
  /** What the tables hold, in the order in which they can be filled. A migration keeps all of it. */
  readonly rows: readonly {
    readonly table: string;
    readonly row: Readonly<Record<string, string | number | null>>;
  }[];
}
