import { defineCodes } from "./code.ts";

/** Disks, their exports and what a guest may ask of them. */
export const diskCodes = defineCodes({
  "disk-not-found": {
    kind: "not-found",
    message: "There is no disk named {disk}",
    remedy: "See `pagurus disks list`",
  },
  "disk-exists": {
    kind: "conflict",
    message: "There is a disk named {disk} already",
    remedy: "Choose another name, or remove that disk",
  },
  "disk-in-use": {
    kind: "conflict",
    message: "The disk {disk} is in use: {user}",
    remedy: "Wait for it or end it, then try again",
    retryable: true,
  },
  "disk-shrink-refused": {
    kind: "conflict",
    message: "The disk {disk} has {sizeBytes}; what it holds beyond {wantedBytes} would be lost",
    remedy: "Make its file system that small first; then repeat with `--shrink`, with no client attached",
  },
  "disk-unavailable": {
    kind: "unavailable",
    message: "The disk {disk} cannot be used now: {reason}",
    remedy: "Mend the cause, then `pagurus disks reopen {disk}`; `pagurus reports list` tells more",
  },
  "disk-layer-newer": {
    kind: "conflict",
    message:
      "The layer {layer} of disk {disk} is stamped with epoch {found}, newer than epoch {known} in the catalog",
    remedy: "The catalog is older than the disk: put back the newest catalog; nothing was changed",
  },
  "disk-layer-foreign": {
    kind: "conflict",
    message: "The layer {layer} belongs to {found}, not to disk {disk}",
    remedy: "Put the right file back; nothing was changed",
  },
  "disk-closed": { kind: "unavailable", message: "The disk {disk} is closed" },
  "out-of-range": {
    kind: "bad-input",
    message: "{length} bytes at {offset} lie outside the disk of {sizeBytes} bytes",
  },
  "zero-not-fast": {
    kind: "unavailable",
    message: "To zero {length} bytes at {offset} would take as long as to write them",
  },
  "peer-lost": { kind: "unavailable", message: "{peer} went away before {operation} was answered" },
  "disk-thread-lost": {
    kind: "unavailable",
    message: "Disk thread {thread} ended while {operation} was under way: {reason}",
    remedy: "Its disks are reopened by themselves; try again",
    retryable: true,
  },
  "export-listen-failed": {
    kind: "unavailable",
    message: "The export {export} cannot listen on {address}: {reason}",
    remedy: "Choose a free address, or end what uses this one",
  },
  "export-not-found": { kind: "not-found", message: "There is no export named {name}" },
  "nbd-error": { kind: "unavailable", message: "The NBD server answered {operation} with {errno}" },
  "nbd-protocol-broken": {
    kind: "internal",
    message: "The NBD server at {address} broke the protocol: {problem}",
  },
});
