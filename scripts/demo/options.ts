import { parseArgs } from "node:util";
import { CodedError, reasonOf } from "../../src/contract/index.ts";

const clientNames = ["node", "fio", "qemu"] as const;
export type ClientName = (typeof clientNames)[number];

export interface DemoOptions {
  readonly client: ClientName;
  readonly json: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run demo [-- options]

Starts a server with two local datastores in a temporary directory, moves a disk of 1 GiB from one to the other while
a client writes to it, and proves that nothing was lost. Everything is removed at the end.

Options:
  --client <name>  who writes during the move: node (the default, needs nothing), qemu (qemu-io) or fio
  --keep           leave the server running at the end and print how to look around
  --json           print the account as one JSON object
  --help           print this

Exit codes: 0 all proofs hold, 1 one doesn't or something failed, 2 bad usage, 130 interrupted
`;

const refuse = (problem: string) =>
  new CodedError("usage-invalid", { problem, help: "npm run demo -- --help" });

const isClient = (name: string): name is ClientName => clientNames.some((known) => known === name);

export const readOptions = (args: readonly string[]): DemoOptions => {
  const { client, ...flags } = valuesOf(args);
  if (!isClient(client)) throw refuse(`${client} is no client: take one of ${clientNames.join(", ")}`);
  return { client, ...flags };
};

const valuesOf = (args: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        client: { type: "string", default: "node" },
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw refuse(reasonOf(error).replace(/\.$/, ""));
  }
};
