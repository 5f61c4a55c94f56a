import type { ExportEntry } from "pagurus";
import type { MessageForm } from "../negotiated.ts";

/** A request as the protocol's document has it, with its whole payload. */
export interface ReferenceRequest {
  readonly handle: bigint;
  readonly flags: number;
  readonly command: number;
  readonly offset: bigint;
  readonly length: bigint;
  readonly payload: Buffer;
}

/** What a stream of bytes says: whole requests, and what came after them. */
export interface Decoded {
  readonly requests: readonly ReferenceRequest[];
  /** `breach`: something that no request can begin with. */
  readonly end: "open" | "disconnect" | "breach";
}

const WRITE = 1;
const DISCONNECT = 2;
const PAYLOAD_FLAG = 32;

/** Decodes in the plainest way there is, with nothing of the parser that it is compared with. */
export const decode = (bytes: Buffer, form: MessageForm, maxPayloadBytes: number): Decoded => {
  const extended = form === "extended";
  const headBytes = extended ? 32 : 28;
  const requests: ReferenceRequest[] = [];
  for (let at = 0; ; ) {
    if (bytes.length - at < headBytes) return { requests, end: "open" };
    const head = bytes.subarray(at, at + headBytes);
    if (head.readUInt32BE(0) !== (extended ? 0x21e41c71 : 0x25609513)) return { requests, end: "breach" };
    const flags = head.readUInt16BE(4);
    const command = head.readUInt16BE(6);
    const length = extended ? head.readBigUInt64BE(24) : BigInt(head.readUInt32BE(24));
    if (command === DISCONNECT) return { requests, end: "disconnect" };
    const carries = extended ? (flags & PAYLOAD_FLAG) !== 0 : command === WRITE;
    if (extended && carries && length > maxPayloadBytes) return { requests, end: "breach" };
    const end = BigInt(at + headBytes) + (carries ? length : 0n);
    if (end > bytes.length) return { requests, end: "open" };
    const payload = bytes.subarray(at + headBytes, Number(end));
    const handle = head.readBigUInt64BE(8);
    requests.push({ handle, flags, command, offset: head.readBigUInt64BE(16), length, payload });
    at = Number(end);
  }
};

const TRIM = 4;
const ZERO = 6;
/** FUA; with NO_HOLE and FAST_ZERO for zeroes; with PAYLOAD_LEN for extended writes. */
const allowed = ({ command }: ReferenceRequest, form: MessageForm): number =>
  command === ZERO ? 1 | 2 | 16 : command === WRITE && form === "extended" ? 1 | PAYLOAD_FLAG : 1;
const FAST_AND_NO_HOLE = 16 | 2;

/** Does to `content` what the request may do to the disk, and nothing where it has to be refused. */
export const apply = (
  request: ReferenceRequest,
  content: Uint8Array,
  { sizeBytes, blockSizes }: ExportEntry,
  form: MessageForm,
): void => {
  const { command, flags, offset, length, payload } = request;
  if (![WRITE, TRIM, ZERO].includes(command) || (flags & ~allowed(request, form)) !== 0) return;
  if ((flags & FAST_AND_NO_HOLE) === FAST_AND_NO_HOLE) return;
  const block = BigInt(blockSizes.minimum);
  if (length === 0n || length % block !== 0n || offset % block !== 0n) return;
  if (offset + length > BigInt(sizeBytes)) return;
  if (command === WRITE && (payload.length === 0 || length > blockSizes.maximum)) return;
  const [from, to] = [Number(offset), Number(offset + length)];
  if (command === WRITE) content.set(payload, from);
  else content.fill(0, from, to);
};
