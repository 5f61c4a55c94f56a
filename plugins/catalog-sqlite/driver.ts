import { type CodeData, CodedError, reasonOf } from "pagurus";

/** The driver, as `import("libsql")` gives it. */
export type Libsql = typeof import("libsql");

const DAMAGED = ["SQLITE_CORRUPT", "SQLITE_NOTADB"];

/** What SQLite threw, as people are told it. */
export const catalogError = (error: unknown, catalog: string): CodedError => {
  const code = codeOf(error);
  const data: CodeData<"catalog-damaged"> = { catalog, reason: reasonOf(error) };
  return DAMAGED.some((damaged) => code.startsWith(damaged))
    ? new CodedError("catalog-damaged", data, { cause: error })
    : new CodedError("catalog-unavailable", data, { cause: error });
};

/** SQLite's name of the error, such as `SQLITE_BUSY`; empty for errors of other kinds. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
