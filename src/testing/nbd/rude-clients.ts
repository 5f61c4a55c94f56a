import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type NbdTarget, nbdPlace } from "../../nbd/target.ts";

/** Clients without manners; they stay until they are told to leave. */
export interface RudeClients {
  /** Ends their connections, without a word. */
  leave(): void;
}

const TRICKLE_MS = 50;
const READ_BYTES = 1024 * 1024;
const GREETING_AND_CHOICE_BYTES = 18 + 10;

/** So many clients send their options byte by byte, and never to the end. Resolves when all are connected. */
export const holdHandshakes = async (target: NbdTarget, count: number): Promise<RudeClients> => {
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from("IHAVEOPT"), Buffer.alloc(8, 1)]);
  const sockets: Socket[] = [];
  while (sockets.length < count) sockets.push((await connected(target)).resume());
  let sent = 0;
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(bytes.subarray(sent, sent + 1));
    if (++sent === bytes.length) clearInterval(timer);
  }, TRICKLE_MS);
  return {
    leave() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** One client asks for so much, in reads of 1 MiB, and takes none of it. Resolves when the first reply waits for it. */
export const takeNoReplies = async (target: NbdTarget, bytes: number): Promise<RudeClients> => {
  const socket = await connected(target);
  const name = Buffer.from(nbdPlace(target).exportName);
  const option = Buffer.alloc(20);
  option.writeUInt32BE(3);
  option.write("IHAVEOPT", 4, "latin1");
  option.writeUInt32BE(1, 12);
  option.writeUInt32BE(name.length, 16);
  socket.write(Buffer.concat([option, name]));
  for (let got = 0; got < GREETING_AND_CHOICE_BYTES; ) {
    const some: Buffer | null = socket.read();
    if (some === null) await once(socket, "readable");
    else got += some.length;
  }
  const request = Buffer.alloc(28);
  request.writeUInt32BE(0x25609513);
  request.writeUInt32BE(READ_BYTES, 24);
  // What the server doesn't read waits here.
  socket.write(Buffer.concat(new Array<Buffer>(Math.ceil(bytes / READ_BYTES)).fill(request)));
  if (socket.readableLength === 0) await once(socket, "readable");
  return { leave: () => socket.destroy() };
};

const connected = async (target: NbdTarget): Promise<Socket> => {
  const socket = connect(nbdPlace(target).connection);
  // Being turned away is what they are there for.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
};
