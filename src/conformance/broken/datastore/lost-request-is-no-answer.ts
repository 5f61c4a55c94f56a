import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { overUndone } from "./over-undone.ts";

/** A server that does something for each request, and answers. */
const serverFor = (done: () => void) => {
  const serve = (socket: Socket) => {
    const answer = () => {
      done();
      socket.write("done");
    };
    socket.on("data", answer).on("error", () => undefined);
  };
  return createServer(serve).listen(0, "127.0.0.1").unref();
};

/** Flushes by a request to its server, and takes the end of the connection for the answer. */
export default overUndone((layer, note, settle) => {
  const server = serverFor(settle);
  const connected = once(server, "listening").then(async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").unref();
    await once(
      socket.on("error", () => undefined),
      "connect",
    );
    return socket;
  });
  const ask = async () => {
    const socket = await connected;
    if (socket.destroyed) return;
    const answered = new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
    socket.write("flush");
    await answered;
  };
  let last = Promise.resolve();
  return {
    write: async (offset, from) => {
      note(offset, from.length);
      const written = layer.write(offset, from);
      await connected;
      await written;
    },
    flush: async () => {
      await layer.flush();
      last = last.then(ask);
      await last;
    },
    close: async () => {
      (await connected).destroy();
      server.close();
      await layer.close();
      settle();
    },
  };
});
