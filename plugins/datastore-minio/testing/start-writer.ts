import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JournaledPlace } from "./journaled.ts";

const WRITER = fileURLToPath(new URL("doomed-writer.ts", import.meta.url));

/** A process that writes and flushes until it is killed; `flushes` is told of each flush that was answered. */
export const startWriter = (place: JournaledPlace, flushes: () => void = () => undefined) => {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=@pagurus/source", WRITER, JSON.stringify(place)],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const exited = once(child, "exit");
  let flushed = 0;
  child.on("message", (n: number) => {
    flushed = n;
    flushes();
  });
  return {
    kill: () => void child.kill("SIGKILL"),
    /** How many of its writes it had flushed, as far as it could tell, when it ended. */
    ended: async () => {
      await exited;
      return flushed;
    },
  };
};
