import type { ExportAddress } from "pagurus";
import type { ClientKind } from "./guest-client.ts";
import { nbdGuests } from "./nbd-guest.ts";

/** Who can speak to an export, by its addresses' scheme. An export of another protocol needs a line here. */
const kinds: Readonly<Record<string, ClientKind>> = { "nbd:": nbdGuests, "nbd+unix:": nbdGuests };

const schemeOf = (uri: string): string => /^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0].toLowerCase() ?? "";

/** An address with the clients that speak to it. */
export interface Reachable {
  readonly uri: string;
  readonly clients: ClientKind;
}

/** The first of the addresses that the kit has a client for. */
export const reachable = (addresses: readonly ExportAddress[]): Reachable | undefined => {
  for (const { uri } of addresses) {
    const clients = kinds[schemeOf(uri)];
    if (clients) return { uri, clients };
  }
  return undefined;
};

/** Why a scenario can't be run with these addresses. */
export const unreachableText = (addresses: readonly ExportAddress[]): string => {
  const schemes = [...new Set(addresses.map(({ uri }) => schemeOf(uri)))].join(" and ") || "no addresses";
  return `the kit has no client for ${schemes}; it has clients for ${Object.keys(kinds).join(" and ")}`;
};
