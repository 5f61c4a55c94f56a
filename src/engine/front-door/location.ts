import type { FunctionDescription } from "../../contract/index.ts";
import { pathParametersOf } from "./describe.ts";

/** Where what a creating function answers can be read: the GET route one segment below its own, filled in. */
export const locationOf = (
  created: FunctionDescription,
  output: unknown,
  descriptions: readonly FunctionDescription[],
): string | undefined => {
  const { creates, http } = created;
  if (!creates || http === undefined || typeof output !== "object" || output === null) return undefined;
  for (const { http: route } of descriptions) {
    if (route?.method !== "GET" || !route.path.startsWith(`${http.path}/{`)) continue;
    const [parameter, ...more] = pathParametersOf(route.path.slice(http.path.length));
    const value = Object.entries(output).find(([field]) => field === parameter)?.[1];
    if (more.length === 0 && route.path === `${http.path}/{${parameter}}` && value !== undefined)
      return `${http.path}/${encodeURIComponent(String(value))}`;
  }
  return undefined;
};
