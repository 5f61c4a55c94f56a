import { defineCodes } from "./code.ts";

/** Images: files outside of all datastores that disks are imported from and exported to. */
export const imageCodes = defineCodes({
  "image-not-found": {
    kind: "not-found",
    message: "There is no file {path}",
    remedy: "Give the whole path as it is on the server's machine; `--local` reads a file of this one",
  },
  "image-unreadable": {
    kind: "conflict",
    message: "The image {path} cannot be read: {reason}",
    remedy: "Let the user that the server runs as read it",
  },
  "image-unusable": {
    kind: "bad-input",
    message: "The image {path} cannot be used: {problem}",
    remedy: "Give a file that holds the image of a disk",
  },
  "image-format-unclear": {
    kind: "bad-input",
    message: "It is not clear which format {path} has: {problem}",
    remedy: "Say it with `--format`: {known}",
  },
  "image-not-whole": {
    kind: "bad-input",
    message: "The image {path} is not whole by itself: {reference}",
    remedy: "Make one of it that is: `qemu-img convert -O qcow2 {path} WHOLE.qcow2`, and give that",
  },
  "image-exists": {
    kind: "conflict",
    message: "There is a file {path} already",
    remedy: "Choose another path, or remove that file",
  },
  "image-folder-unusable": {
    kind: "conflict",
    message: "No image can be made in {folder}: {reason}",
    remedy: "Give a folder on the server's machine in which its user may write",
  },
  "image-no-space": {
    kind: "unavailable",
    message: "There is no space for the image {path}: {neededBytes} are needed and {availableBytes} free",
    remedy: "Free space there or choose another folder",
    retryable: true,
  },
  "image-in-use": {
    kind: "conflict",
    message: "The image {path} is open for writing elsewhere",
    remedy: "End the program that writes it: what is read meanwhile may be torn",
    retryable: true,
  },
  "image-io-failed": {
    kind: "unavailable",
    message: "{operation} of {length} bytes at {offset} failed in the image {path}: {reason}",
    remedy: "Check the storage below that file",
  },
  "image-program-missing": {
    kind: "unavailable",
    message: "Images of format {format} need {program}, which is not installed on the server's machine",
    remedy:
      "Install it (Debian and Ubuntu: `apt-get install qemu-utils`; Fedora: `dnf install qemu-img`), or use format raw",
  },
  "image-program-failed": {
    kind: "unavailable",
    message: "{program} failed with the image {path}: {reason}",
  },
  "disk-half-imported": {
    kind: "conflict",
    message: "The disk {disk} is half imported",
    remedy: "Go on with `--resume`, or give it up with `pagurus disks remove {disk}`",
  },
  "disk-maybe-half-imported": {
    kind: "conflict",
    message: "There is a disk named {disk} already",
    remedy:
      "If it is the rest of an interrupted import of this image go on with `--resume`, which changes no disk that holds anything else; otherwise choose another name",
  },
  "disk-holds-other": {
    kind: "conflict",
    message:
      "The disk {disk} holds at byte {offset} what the image {image} doesn't, and nothing of it was changed",
    remedy:
      "It is not the rest of an import of that image, or the image has changed since. Import under another name; where nothing on the disk is needed, `pagurus disks remove {disk}`, and import anew",
  },
  "image-changed": {
    kind: "conflict",
    message: "The image {path} was changed while it was imported",
    remedy: "End the program that writes it, and import it anew: what is read meanwhile may be torn",
    retryable: true,
  },
  "half-import-left": {
    kind: "unavailable",
    message: "The disk {disk}, whose import did not end well, could not be removed: {reason}",
    remedy: "Remove it with `pagurus disks remove {disk}`: it holds only a part of the image",
  },
  "disk-imported-otherwise": {
    kind: "conflict",
    message: "The half-imported disk {disk} has {sizeBytes} in {datastore}, and was to go on with {wanted}",
    remedy: "Give the same image and datastore, or give it up with `pagurus disks remove {disk}`",
  },
  "disk-unreachable": {
    kind: "unavailable",
    message: "The disk {disk} cannot be reached over NBD from here: {reason}",
    remedy:
      "Start the server with `--nbd HOST:PORT`, or give the image's path on its machine, without `--local`",
  },
  "import-failed": {
    kind: "internal",
    message: "Importing {path} as the disk {disk} failed",
    wrapper: true,
  },
  "export-failed": {
    kind: "internal",
    message: "Exporting the disk {disk} to {path} failed",
    remedy: "The disk goes on, unchanged",
    wrapper: true,
  },
  "layer-export-failed": {
    kind: "internal",
    message: "Exporting the layer {layer} of the datastore {datastore} to {path} failed",
    wrapper: true,
  },
});
