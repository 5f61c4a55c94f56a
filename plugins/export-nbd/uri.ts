/** Percent-encodes what a query can't hold; slashes stay readable. */
const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** The NBD URI of an export on a unix socket. */
export const unixUri = (name: string, socketPath: string): string =>
  `nbd+unix:///${encodeURIComponent(name)}?socket=${encodePath(socketPath)}`;

const anyAddress = new Set(["0.0.0.0", "::", ""]);

/** The NBD URI of an export on a TCP port; a port on every address is named by its own host's. */
export const tcpUri = (name: string, host: string, port: number): string => {
  const at = anyAddress.has(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `nbd://${at}:${port}/${encodeURIComponent(name)}`;
};

/** Splits `host:port`, `[v6]:port` and `:port`. */
export const hostAndPort = (listen: string): { readonly host: string; readonly port: number } => {
  const colon = listen.lastIndexOf(":");
  return {
    host: listen.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
    port: Number(listen.slice(colon + 1)),
  };
};
