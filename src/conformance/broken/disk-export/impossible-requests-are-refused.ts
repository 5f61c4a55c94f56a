import { overWire } from "./over-wire.ts";
import { doneReply, headOf } from "./over-wire-messages.ts";

const writes = 1;

/** Answers a write beyond the end as done, and throws it away. */
export default overWire({
  message({ kind, bytes }, { client }, { sizeBytes }) {
    if (kind !== "request") return bytes;
    const head = headOf(bytes);
    if (head.command !== writes || head.offset < sizeBytes) return bytes;
    client.write(doneReply(head));
    return undefined;
  },
});
