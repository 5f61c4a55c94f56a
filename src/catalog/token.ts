import { createHash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;

/** A fresh bearer token, safe in a header and in a file. */
export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");

/** What the catalog keeps of a token. Not salted: the token itself is random and can't be guessed from a table. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");
