import { CodedError } from "../contract/index.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:7040`, `[::1]:0`, `localhost:7040`. */
export const parseListenAddress = (given: string): ListenAddress => {
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new CodedError("usage-invalid", {
      problem: `${given} is not an address such as 127.0.0.1:7040 or [::1]:0`,
      help: "pagurus serve --help",
    });
  return { host, port };
};

export const urlOf = ({ host, port }: ListenAddress): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
