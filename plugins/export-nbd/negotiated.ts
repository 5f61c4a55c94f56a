/** How messages look: which replies a client takes, and with `extended` which requests it sends. */
export type MessageForm = "simple" | "structured" | "extended";

/** What was agreed with a client in the handshake. */
export interface Negotiated {
  readonly form: MessageForm;
  /** The disk's size as the client was told it. The disk may grow meanwhile; what the client may reach does not. */
  readonly sizeBytes: number;
  /** The metadata contexts that it chose, as a set: see `Context`. */
  readonly contexts: number;
  /** Whether it may change nothing: how this export serves its disks. */
  readonly readOnly: boolean;
}
