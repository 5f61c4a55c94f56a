/** How long a client may take from connecting until it has chosen an export. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The longest data of an option that is looked at; longer ones are read over and refused. */
export const MAX_OPTION_BYTES = 64 * 1024;
/** Answers of the handshake that a client may leave unread before it is dropped. */
export const MAX_HANDSHAKE_UNSENT_BYTES = 1024 * 1024;
/** Handshakes under way on the TCP port. */
export const MAX_HANDSHAKES = 128;

/** Requests of one connection that the disk has not answered yet; no more are read until one is. */
export const MAX_REQUESTS_IN_FLIGHT = 256;
/**
 * Buffers of one connection: payloads on their way to the disk and replies that the client has not taken yet. No
 * request is started beyond it, so it is exceeded by one request at most.
 */
export const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** What one client is served before the others of its thread have their turn: about a millisecond of work. */
export const TURN_BYTES = 4 * 1024 * 1024;
/** What a request costs beside its bytes, in bytes that could be copied meanwhile. */
export const REQUEST_COST_BYTES = 16 * 1024;
/** What is gathered into one write to the socket. */
export const CHUNK_BYTES = 256 * 1024;
/** What a connection on a unix socket that reads much may have unread in the kernel. */
export const SEND_BUFFER_BYTES = 1024 * 1024;
/** Where a busy connection's bytes land: several large writes, each used where it lies. */
export const RECEIVE_BYTES = 512 * 1024;
/** Where an idle connection's bytes land. */
export const IDLE_ROOM_BYTES = 16 * 1024;
/** A write up to this long is taken from the receive buffer; a longer one is received into a buffer of its own. */
export const SMALL_WRITE_BYTES = 128 * 1024;
/** A read at least this long that found only zeroes is answered as a hole. */
export const HOLE_BYTES = 64 * 1024;
/** Zeroes that must be written as data go out in pieces of this size. */
export const ZERO_PIECE_BYTES = 1024 * 1024;
/** A longer range is zeroed or discarded in steps of this size. */
export const ZERO_STEP_BYTES = 1024 * 1024 * 1024;
/** Extents in one answer to block status; the client asks again for the rest. */
export const MAX_EXTENTS = 4096;
/** Free buffers that are kept for later; more go back to the system. */
export const MAX_POOLED_BYTES = 64 * 1024 * 1024;

/** How long a client in its handshake may take to ask what is then refused, when the server ends. */
export const SHUTDOWN_GRACE_MS = 200;
/** A client's host that is silent for so long is asked whether it is still there. */
export const KEEP_ALIVE_MS = 30_000;
/** How long `close` waits for requests in flight and for clients to take their answers. */
export const CLOSE_TIMEOUT_MS = 5_000;
/** How long a client that was told good-bye may take to hang up. */
export const LINGER_MS = 1_000;

/** The longest path of a unix socket that Linux takes. Node cuts longer ones without a word. */
export const MAX_SOCKET_PATH_BYTES = 107;
