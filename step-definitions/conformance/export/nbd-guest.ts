import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { CodedError } from "pagurus";
import { NbdClient, nbdExports, takeNoReplies } from "pagurus/testing";
import { type Ability, type ClientKind, type GuestClient, Refused } from "./guest-client.ts";

const DIRTY = "pagurus:dirty";
const flags = { readOnly: 1 << 1, fua: 1 << 3, trim: 1 << 5, fastZero: 1 << 11 } as const;
const writeHead = { magic: 0x25609513, command: 1, bytes: 28 } as const;

const abilitiesOf = (client: NbdClient): ReadonlySet<Ability> => {
  const told: readonly (readonly [Ability, boolean])[] = [
    ["write", (client.flags & flags.readOnly) === 0],
    ["discard", (client.flags & flags.trim) !== 0],
    ["fua", (client.flags & flags.fua) !== 0],
    ["fast-zero", (client.flags & flags.fastZero) !== 0],
    ["extents", client.contexts.has("base:allocation")],
    ["dirty", client.contexts.has(DIRTY)],
  ];
  return new Set(told.flatMap(([ability, there]) => (there ? [ability] : [])));
};

/** The head of a write as simple and structured messages have it. */
const headOfWrite = (offset: number, length: number): Buffer => {
  const head = Buffer.alloc(writeHead.bytes);
  head.writeUInt32BE(writeHead.magic, 0);
  head.writeUInt16BE(writeHead.command, 6);
  head.writeBigUInt64BE(BigInt(offset), 16);
  head.writeUInt32BE(length, 24);
  return head;
};

const refusable = async <T>(request: Promise<T>): Promise<T> => {
  try {
    return await request;
  } catch (error) {
    if (CodedError.is(error, "nbd-error")) throw new Refused(String(error.data["errno"]), error);
    throw error;
  }
};

const guestOver = (client: NbdClient): GuestClient => ({
  sizeBytes: client.sizeBytes,
  blockSizes: client.blockSizes,
  told: abilitiesOf(client),
  get unsentBytes() {
    return client.unsentBytes;
  },
  closed: client.closed,
  read: (offset, length) => refusable(client.read(offset, length)),
  write: (offset, bytes, how) => refusable(client.write(offset, bytes, how)),
  zero: (offset, length, how) => refusable(client.zero(offset, length, how)),
  discard: (offset, length) => refusable(client.trim(offset, length)),
  flush: () => refusable(client.flush()),
  extents: (offset, length) => refusable(client.blockStatus(offset, length)),
  async dirty(offset, length) {
    const statuses = await refusable(client.status(offset, length));
    return (statuses.get(DIRTY) ?? []).map(({ state, ...range }) => ({ ...range, dirty: state !== 0 }));
  },
  sendHalfAWrite: (offset, bytes) =>
    client.sendRaw(Buffer.concat([headOfWrite(offset, 2 * bytes.length), bytes])),
  sendGarbage: () => client.sendRaw(Buffer.alloc(64 * 1024, 0xa5)),
  sendOversize: () => client.sendRaw(headOfWrite(0, 2 ** 32 - 512)),
  leave: () => client.disconnect(),
  vanish: () => client.destroy(),
});

const dial = async (uri: string): Promise<Socket> => {
  const { hostname, port, searchParams } = new URL(uri);
  const path = searchParams.get("socket");
  const socket = path === null ? connectSocket(Number(port), hostname) : connectSocket(path);
  await once(socket, "connect");
  return socket;
};

/** Clients of `nbd:` and `nbd+unix:` addresses. */
export const nbdGuests: ClientKind = {
  connect: async (uri) => guestOver(await NbdClient.connect(uri, { contexts: ["base:allocation", DIRTY] })),
  list: (uri) => nbdExports(uri),
  renamed(uri, name) {
    const url = new URL(uri);
    url.pathname = `/${encodeURIComponent(name)}`;
    return url.href;
  },
  dial,
  takeNothing: takeNoReplies,
};
