import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { CodedError } from "../../src/contract/index.ts";
import { BlockWriter } from "./block-writer.ts";
import type { WritingClient, WritingPlace } from "./client.ts";
import { BLOCK_BYTES } from "./ledger.ts";
import { demandTool } from "./tool.ts";

/** QEMU's own block layer and NBD client, as a guest's disk would use them: one `qemu-io` from start to end. */
export const qemuClient = async (place: WritingPlace): Promise<WritingClient> => {
  demandTool("qemu-io", "qemu-utils");
  const child = spawn("qemu-io", ["-f", "raw", "-t", "none", place.uri], { stdio: ["pipe", "pipe", "pipe"] });
  child.stderr.resume();
  child.stdin.on("error", () => undefined);
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /** Gives one command and waits for the line that answers it. */
  const ask = async (command: string, wanted: string): Promise<void> => {
    child.stdin.write(`${command}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new CodedError("peer-lost", { peer: "qemu-io", operation: command });
      const line = value.replaceAll("qemu-io> ", "");
      if (line.startsWith(wanted)) return;
      if (/failed|error/i.test(line))
        throw new CodedError("internal", { reason: `qemu-io said to \`${command}\`: ${line}` });
    }
  };

  const writer = new BlockWriter({
    ...place,
    inFlight: 1,
    content: () => Buffer.alloc(BLOCK_BYTES, randomInt(1, 256)),
    write: (offset, bytes) => ask(`write -P ${bytes[0]} ${offset} ${BLOCK_BYTES}`, `wrote ${BLOCK_BYTES}/`),
  });
  return {
    description: "qemu-io, which is QEMU's own NBD client: random writes of 4 KiB, one at a time",
    answers: writer.answers,
    start: () => writer.start(),
    async stop() {
      await writer.stop();
      child.stdin.end("flush\nquit\n");
      await ended;
      return undefined;
    },
    destroy: () => void child.kill("SIGKILL"),
  };
};
