import { isAbsolute, join, resolve } from "node:path";

/** The data directory of the local server: as given, else where the desktop's rules put such data. Absolute. */
export const dataDirOf = (
  given: string | undefined,
  { env, home }: { readonly env: Readonly<Record<string, string | undefined>>; readonly home: string },
): string => {
  if (given) return resolve(given);
  const shared = env["XDG_DATA_HOME"];
  return join(shared && isAbsolute(shared) ? shared : join(home, ".local", "share"), "pagurus");
};
