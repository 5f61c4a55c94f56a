import type { MessageForm } from "../negotiated.ts";

/** A request's header by its numbers in the protocol; what is left out is 0. */
export interface HeadNumbers {
  readonly command: number;
  readonly flags?: number;
  readonly handle?: number;
  readonly offset?: number;
  readonly length: number;
}

/** Its bytes, written with nothing of the code that reads them. */
export const headOf = (
  { command, flags = 0, handle = 0, offset = 0, length }: HeadNumbers,
  form: MessageForm,
): Buffer => {
  const extended = form === "extended";
  const head = Buffer.alloc(extended ? 32 : 28);
  head.writeUInt32BE(extended ? 0x21e41c71 : 0x25609513, 0);
  head.writeUInt16BE(flags, 4);
  head.writeUInt16BE(command, 6);
  head.writeUInt32BE(handle, 12);
  head.writeUInt32BE(offset, 20);
  head.writeUInt32BE(length, extended ? 28 : 24);
  return head;
};
