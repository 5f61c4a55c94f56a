import { createServer, type ListenOptions, type Server, type Socket } from "node:net";

/** A server that gives away its connections unread. */
export const listening = (options: ListenOptions, onConnection: (socket: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, onConnection);
    server.once("error", reject);
    server.listen(options, () => {
      server.removeListener("error", reject);
      // What accepting one connection may say, such as too many open files, must not end the process.
      server.on("error", () => {});
      resolve(server);
    });
  });
