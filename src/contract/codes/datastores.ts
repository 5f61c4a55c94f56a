import { defineCodes } from "./code.ts";

/** What any datastore may say. A datastore adds its own codes in its plugin's `observations`. */
export const datastoreCodes = defineCodes({
  "datastore-not-found": {
    kind: "not-found",
    message: "There is no datastore named {datastore}; there is {known}",
    remedy: "See `pagurus datastores list`",
  },
  "datastore-unavailable": {
    kind: "unavailable",
    message: "The datastore {datastore} cannot be used: {reason}",
    remedy: "Make it reachable and writable, then try again",
    retryable: true,
  },
  "datastore-process-local": {
    kind: "conflict",
    message: "The datastore {datastore} lives in disk thread 0, and disk {disk} is open in another thread",
    remedy: "Use a datastore that is not process-local",
  },
  "no-space": {
    kind: "unavailable",
    message: "The datastore {datastore} has {availableBytes} free and {neededBytes} are needed",
    remedy: "Free space there or choose another datastore",
    retryable: true,
  },
  "layer-not-found": {
    kind: "not-found",
    message: "The layer {layer} is not in the datastore {datastore}",
    remedy:
      "If the catalog was restored from a copy, put back the newest one; otherwise put the layer back where it was",
  },
  "layer-exists": { kind: "conflict", message: "The layer {layer} is in the datastore {datastore} already" },
  "layer-too-long": {
    kind: "bad-input",
    message:
      "The datastore {datastore} holds layers of at most {mostBytes} bytes; {sizeBytes} bytes are wanted",
    remedy: "Choose another datastore, or a smaller size",
  },
  "layer-name-invalid": {
    kind: "bad-input",
    message: "{layer} is not a name of a layer",
    remedy: "Names are lower-case letters, digits, `-` and `_`",
  },
  "layer-in-use": {
    kind: "conflict",
    message: "The layer {layer} in the datastore {datastore} is open for writing elsewhere: {holder}",
    remedy: "Close the other program that has it open",
  },
  "layer-damaged": {
    kind: "unavailable",
    message: "The layer {layer} in the datastore {datastore} is damaged: {problem}",
    remedy: "Restore it from a copy; it is left as it is",
  },
  "layer-too-short": {
    kind: "unavailable",
    message:
      "The layer {layer} in the datastore {datastore} holds {actualBytes} bytes; its disk has {sizeBytes} bytes",
    remedy: "Restore the file from a copy; it is left as it is",
  },
  "layer-failed": {
    kind: "unavailable",
    message: "The layer {layer} in the datastore {datastore} failed earlier and must be reopened: {reason}",
    remedy: "Mend the storage, then reopen the disk with `pagurus disks reopen`",
  },
  "layer-read-only": {
    kind: "conflict",
    message: "The layer {layer} in the datastore {datastore} is open for reading only",
  },
  "layer-unrecoverable": {
    kind: "unavailable",
    message: "Nothing of the layer {layer} in the datastore {datastore} can be read: {problem}",
    remedy: "Bring the damaged object back from a copy; `pagurus datastores inspect {datastore}` names it",
  },
  "cut-refused": {
    kind: "conflict",
    message: "The layer {layer} in the datastore {datastore} can't be cut at {cutAt}: {problem}",
    remedy:
      "Cut at {instead}; `pagurus datastores inspect {datastore} --layer {layer}` says what there is, and without `--confirm` a repair says what would be lost",
  },
  "sweep-refused": {
    kind: "conflict",
    message: "The layer {layer} in the datastore {datastore} is not swept: {problem}",
    remedy:
      "It may be somebody's disk: `pagurus datastores inspect {datastore} --layer {layer}` says whose. A disk goes with `pagurus disks remove`, at the server that has it",
  },
  "rescue-unsupported": {
    kind: "bad-input",
    message: "The datastore {datastore} has nothing to inspect or repair",
    remedy: "Its plugin's README says how to reach what it stores without Pagurus",
  },
  "layer-closed": { kind: "conflict", message: "The layer {layer} is closed" },
  "layer-io-failed": {
    kind: "unavailable",
    message:
      "{operation} of {length} bytes at {offset} failed in the layer {layer} of the datastore {datastore}: {reason}",
    remedy: "Check the storage below this datastore",
  },
});
