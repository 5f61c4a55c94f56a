import { hashToken, type TokenTable } from "../../catalog/index.ts";
import { CodedError, type Effect } from "../../contract/index.ts";

/** Who calls: a token of the catalog, or (`null`) our own process, which may do all. */
export type Caller = { readonly id: string; readonly permissions: readonly string[] } | null;

/** `token-missing`, `token-invalid`. */
export const authenticate = async (
  tokens: Pick<TokenTable, "findByHash">,
  token: string | null | undefined,
): Promise<Caller> => {
  if (token === undefined) return null;
  if (token === null || token === "") throw new CodedError("token-missing", {});
  const known = await tokens.findByHash(hashToken(token));
  if (known === undefined) throw new CodedError("token-invalid", {});
  return known;
};

/** `permission-denied`. */
export const permit = (
  caller: Caller,
  { effect, permissions = [] }: { readonly effect: Effect; readonly permissions?: readonly string[] },
  what: string,
): void => {
  if (caller === null || caller.permissions.includes("*")) return;
  const missing = [effect, ...permissions].find((permission) => !caller.permissions.includes(permission));
  if (missing !== undefined)
    throw new CodedError("permission-denied", { permission: missing, function: what });
};
