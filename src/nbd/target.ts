import type { NetConnectOpts } from "node:net";
import { CodedError } from "../contract/index.ts";

/** Where an NBD export is: a URI (`nbd://host:port/name`, `nbd+unix:///name?socket=path`) or its parts. */
export type NbdTarget =
  | string
  | { readonly socketPath: string; readonly exportName?: string }
  | { readonly host: string; readonly port: number; readonly exportName?: string };

const DEFAULT_PORT = 10809;

/** A target as a socket and a handshake need it. */
export interface NbdPlace {
  readonly connection: NetConnectOpts;
  readonly exportName: string;
  /** For people. */
  readonly address: string;
}

const fromUri = (uri: string): NbdPlace => {
  const url = new URL(uri);
  const exportName = decodeURIComponent(url.pathname.replace(/^\//, ""));
  const path = url.searchParams.get("socket");
  if (url.protocol === "nbd+unix:" && path !== null)
    return { connection: { path }, exportName, address: uri };
  if (url.protocol !== "nbd:")
    throw new CodedError("nbd-protocol-broken", { address: uri, problem: "not an NBD URI" });
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  return { connection: { host, port }, exportName, address: uri };
};

export const nbdPlace = (target: NbdTarget): NbdPlace => {
  if (typeof target === "string") return fromUri(target);
  const exportName = target.exportName ?? "";
  if ("socketPath" in target)
    return { connection: { path: target.socketPath }, exportName, address: target.socketPath };
  const { host, port } = target;
  return { connection: { host, port }, exportName, address: `${host}:${port}` };
};
