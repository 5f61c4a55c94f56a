import { parseArgs } from "node:util";
import { CodedError, reasonOf } from "../../src/contract/index.ts";

const homeNames = ["local", "minio"] as const;
/** Where the disk moves to. */
export type HomeName = (typeof homeNames)[number];

const clientNames = ["node", "fio", "qemu"] as const;
export type ClientName = (typeof clientNames)[number];

export interface DemoOptions {
  readonly client: ClientName;
  readonly to: HomeName;
  readonly json: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run demo [-- options]

Starts a server with two datastores in a temporary directory, moves a disk of 1 GiB from one to the other while a
client writes to it, and proves that nothing was lost. Everything is removed at the end.

Options:
  --to <where>     the second datastore: local (the default, a folder) or minio (a bucket of a MinIO server, which is
                   built where there is none: README.md)
  --client <name>  who writes during the move: node (the default, needs nothing), qemu (qemu-io) or fio
  --keep           leave the server running at the end and print how to look around; not with --to minio
  --json           print the account as one JSON object
  --help           print this

Exit codes: 0 all proofs hold, 1 one doesn't or something failed, 2 bad usage, 130 interrupted
`;

const refuse = (problem: string) =>
  new CodedError("usage-invalid", { problem, help: "npm run demo -- --help" });

export const readOptions = (args: readonly string[]): DemoOptions => {
  const { client: clientName, to: homeName, ...flags } = valuesOf(args);
  const client = clientNames.find((known) => known === clientName);
  if (client === undefined) throw refuse(`${clientName} is no client: take one of ${clientNames.join(", ")}`);
  const to = homeNames.find((known) => known === homeName);
  if (to === undefined) throw refuse(`${homeName} is no place: take one of ${homeNames.join(", ")}`);
  if (to === "minio" && flags.keep)
    throw refuse("--keep is of no use with --to minio, which ends with the demo");
  return { client, to, ...flags };
};

const valuesOf = (args: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        client: { type: "string", default: "node" },
        to: { type: "string", default: "local" },
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
