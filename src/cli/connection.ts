import { CodedError, type Engine, type FunctionDescription } from "../contract/index.ts";
import { type FoundServer, findServer, isUnreachable } from "./find-server.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { CliHost } from "./host.ts";

/** How long a server may take to say what it can do, before the built-in commands are used. */
const DESCRIPTIONS_TIMEOUT_MS = 3000;

/** The engine that the options name, connected when it is first asked for. */
export interface Connection {
  engine(): Promise<Engine>;
  /** The commands of the reachable server, else the built-in ones. */
  functions(): Promise<readonly FunctionDescription[]>;
  /** A local server that can't be reached left its `server.json` behind: none is running. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

export const createConnection = (options: GlobalOptions, host: CliHost): Connection => {
  let found: FoundServer | undefined;
  let connected: Promise<Engine> | undefined;
  const connect = async (): Promise<Engine> => {
    found = await findServer(options, host);
    return host.connect({ url: found.url, token: found.token });
  };
  const engine = () => {
    connected ??= connect();
    return connected;
  };
  return {
    engine,
    async functions() {
      const described = engine().then((server) => server.functions());
      return (await withinTime(described, host).catch(() => undefined)) ?? host.builtIn();
    },
    explain: (error) =>
      found?.dataDir !== undefined && isUnreachable(error)
        ? new CodedError("server-not-running", { dataDir: found.dataDir })
        : error,
    async close() {
      await connected?.then((server) => server.close()).catch(() => undefined);
    },
  };
};

/** The answer, or `undefined` when it takes too long or Ctrl-C is pressed. */
const withinTime = async <T>(answer: Promise<T>, { clock, signal }: CliHost): Promise<T | undefined> => {
  let giveUp = () => {};
  const late = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });
  const cancel = clock.after(DESCRIPTIONS_TIMEOUT_MS, giveUp);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
    signal.removeEventListener("abort", giveUp);
  }
};
