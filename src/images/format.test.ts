import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { foundFormat, namedFormat } from "./format.ts";
import { inspectImage } from "./inspect.ts";
import { HEAD_BYTES } from "./own-header.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-image-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const beginning = (text: string): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(text, "latin1");
  return head;
};
const QCOW2 = "QFI\xfb";

test.each([
  ["/a/web.qcow2", undefined, "qcow2"],
  ["/a/web.QCOW2", undefined, "qcow2"],
  ["/a/web.img", undefined, "raw"],
  ["/a/web.raw", undefined, "raw"],
  ["/a/web.vhdx", "raw", "raw"],
  ["/a/web", "vmdk", "vmdk"],
] as const)("an image to be made at %s, with format %s given, is %s", (path, given, format) => {
  expect(namedFormat(path, given)).toBe(format);
});

test.each(["/a/web", "/a.qcow2/web", "/a/web.vdi"])(
  "the format of an image to be made at %s must be given",
  (path) => {
    expect(() => namedFormat(path, undefined)).toThrow("image-format-unclear");
  },
);

test.each([
  ["/a/web.qcow2", QCOW2, undefined, "qcow2"],
  ["/a/web.img", "anything", undefined, "raw"],
  ["/a/disk", "anything", undefined, "raw"],
  ["/a/web.img", QCOW2, "qcow2", "qcow2"],
  // What a guest has written to its raw disk is its own affair.
  ["/a/web.img", QCOW2, "raw", "raw"],
  ["/a/web.vmdk", "KDMV", undefined, "vmdk"],
  ["/a/web.vhdx", "vhdxfile", undefined, "vhdx"],
] as const)("%s beginning with %j, with format %s given, is read as %s", (path, head, given, format) => {
  expect(foundFormat(path, beginning(head), given)).toBe(format);
});

test.each([
  ["/a/web.img", QCOW2, undefined, "image-format-unclear"],
  ["/a/disk", QCOW2, undefined, "image-format-unclear"],
  ["/a/web.raw", "# Disk DescriptorFile", undefined, "image-format-unclear"],
  ["/a/web.vdi", "anything", undefined, "image-format-unclear"],
  ["/a/web.qcow2", "anything", undefined, "image-unusable"],
  ["/a/web.qcow2", "KDMV", undefined, "image-unusable"],
  ["/a/web.img", "KDMV", "qcow2", "image-unusable"],
] as const)("%s beginning with %j, with format %s given, is refused", (path, head, given, code) => {
  expect(() => foundFormat(path, beginning(head), given)).toThrow(code);
});

/** Headers alone: no program is asked before they are found to be whole. */
test.each([
  [
    "a qcow2 image with a backing file",
    "web.qcow2",
    QCOW2,
    (head: Buffer) => head.writeBigUInt64BE(104n, 8),
    "image-not-whole",
  ],
  [
    "a qcow2 image whose data is elsewhere",
    "web.qcow2",
    QCOW2,
    (head: Buffer) => {
      head.writeUInt32BE(3, 4);
      head.writeBigUInt64BE(4n, 72);
    },
    "image-not-whole",
  ],
  [
    "an encrypted qcow2 image",
    "web.qcow2",
    QCOW2,
    (head: Buffer) => head.writeUInt32BE(2, 32),
    "image-unusable",
  ],
  ["a description of a VMDK", "web.vmdk", "# Disk DescriptorFile", () => undefined, "image-not-whole"],
  [
    "a VMDK that leaves all to its description",
    "web.vmdk",
    "KDMV",
    // With grains of its own, as such images have.
    (head: Buffer) => head.writeBigUInt64LE(128n, 20),
    "image-not-whole",
  ],
] as const)("%s is refused by its header", async (_what, name, text, change, code) => {
  const head = beginning(text);
  change(head);
  const path = join(folder, name);
  await writeFile(path, head);
  await expect(inspectImage(path)).rejects.toMatchObject({ code });
});
