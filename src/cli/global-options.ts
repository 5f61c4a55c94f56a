/** Options that every command takes, wherever they stand. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly url?: string;
  readonly token?: string;
  readonly data?: string;
}

export const globalFlags = [
  { flags: "--json", description: "print JSON only; errors as a problem object on standard error" },
  { flags: "--quiet", description: "no progress and no remarks" },
  { flags: "--url <url>", description: "the server to use (or PAGURUS_URL)" },
  { flags: "--token <token>", description: "its token (or PAGURUS_TOKEN)" },
  { flags: "--data <dir>", description: "data directory of the local server (or PAGURUS_DATA)" },
] as const;

/** Flags that no field of a function may take. */
export const reservedFlags: readonly string[] = [
  ...globalFlags.map(({ flags }) => flags.slice(2).split(" ")[0] ?? ""),
  "wait",
  "idempotency-key",
  "help",
  "version",
];

export interface Invoked {
  readonly options: GlobalOptions;
  /** The words that are neither options of every command nor their values. */
  readonly words: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options of every command before the commands are known: those are asked of the server that the options
 * name. An empty variable counts as not set.
 */
export const readGlobalOptions = (argv: readonly string[], env: Environment): Invoked => {
  const values = new Map<string, string>();
  const words: string[] = [];
  const end = argv.indexOf("--");
  const searched = end < 0 ? argv : argv.slice(0, end);
  for (let i = 0; i < searched.length; i++) {
    const arg = searched[i] ?? "";
    const [name = "", attached] = arg.split(/=(.*)/s);
    if (/^--(url|token|data)$/.test(name)) {
      values.set(name, attached ?? searched[++i] ?? "");
    } else if (/^--(json|quiet)$/.test(arg)) values.set(arg, "");
    else words.push(arg);
  }
  const chosen = (name: "url" | "token" | "data") =>
    values.get(`--${name}`) || env[`PAGURUS_${name.toUpperCase()}`] || undefined;
  const [url, token, data] = [chosen("url"), chosen("token"), chosen("data")];
  return {
    options: {
      json: values.has("--json"),
      quiet: values.has("--quiet"),
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(data !== undefined && { data }),
    },
    words: end < 0 ? words : [...words, ...argv.slice(end)],
  };
};
