import { sql } from "kysely";
import type { EarlierSchema } from "pagurus/conformance";
import type { Database } from "./catalog-under-test.ts";

/** A row of a table that the kit knows by name only. */
type Row = Readonly<Record<string, unknown>>;

const rowsOf = async (db: Database, table: string): Promise<readonly Row[]> =>
  (await sql<Row>`select * from ${sql.table(table)}`.execute(db)).rows;

const tablesOf = async (db: Database) =>
  [...(await db.introspection.getTables())].sort((a, b) => (a.name < b.name ? -1 : 1));

export const tableNames = async (db: Database): Promise<readonly string[]> =>
  (await tablesOf(db)).map(({ name }) => name);

/** Tables and columns, by name, as the catalog tells them. */
export const schemaOf = async (db: Database): Promise<readonly string[]> =>
  (await tablesOf(db)).flatMap(({ name, columns }) =>
    columns
      .map((column) => `${name}.${column.name} ${column.dataType}${column.isNullable ? "" : " not null"}`)
      .sort(),
  );

/** All that the catalog holds. */
export const contentOf = async (db: Database): Promise<readonly string[]> => {
  const content: string[] = [];
  for (const table of await tableNames(db)) {
    const rows = (await rowsOf(db, table)).map((row) => `${table} ${JSON.stringify(row)}`);
    content.push(...rows.sort());
  }
  return content;
};

/** Makes a catalog what a release with this schema has left. */
export const fill = async (db: Database, { statements, rows }: EarlierSchema): Promise<void> => {
  for (const statement of statements) await sql.raw(statement).execute(db);
  for (const { table, row } of rows) {
    const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(
      db,
    );
  }
};

/** What the schema's release had left and the catalog does not hold any more. */
export const lost = async (db: Database, { rows }: EarlierSchema): Promise<readonly string[]> => {
  const missing: string[] = [];
  for (const { table, row } of rows) {
    if (row["key"] === "version") continue;
    const found = (await rowsOf(db, table)).some((now) =>
      Object.entries(row).every(([column, value]) => now[column] === value),
    );
    if (!found) missing.push(`${table} ${JSON.stringify(row)}`);
  }
  return missing;
};
