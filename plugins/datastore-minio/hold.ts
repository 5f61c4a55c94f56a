import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Objects } from "./objects.ts";

/** Names of sockets are short. */
const MAX_NAME_BYTES = 100;

/**
 * Keeps a name for this process, on this host, until it is let go or the process dies: a socket in the abstract namespace
 * of Linux, of which there is one of a name, and which leaves nothing behind. Undefined where somebody has it.
 * Writers on other hosts are kept apart by the log itself; those on this one are refused before they take over.
 */
const holdName = async (name: string): Promise<(() => Promise<void>) | undefined> => {
  if (process.platform !== "linux") return async () => undefined;
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen(`\0${name.slice(0, MAX_NAME_BYTES)}`);
  try {
    await once(server, "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
};

/** Against other writers of a log on this host, in this process and in others. */
export const holdLog = (objects: Objects, log: string): Promise<(() => Promise<void>) | undefined> =>
  holdName(
    `pagurus-${createHash("sha256")
      .update(`${objects.location("")}${log}`)
      .digest("hex")}`,
  );
