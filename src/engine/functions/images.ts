import { CodedError, defineFunction } from "../../contract/index.ts";
import { demandFreePlace, demandPrograms, inspectImage, namedFormat } from "../../images/index.ts";
import {
  demandFreeName,
  ExportInput,
  ExportOutput,
  exportDisk,
  finishExport,
  finishImport,
  IMPORTED,
  ImportInput,
  ImportOutput,
  importDisk,
  NAMED,
} from "../../jobs/index.ts";
import { aDisk } from "./example-setups.ts";
import { DiskServiceToken, ImagesToken, StoresToken } from "./tokens.ts";

/** Files of the server's machine are read and written with the rights of its user: more than writing disks. */
const permissions = ["files"];

const importImage = defineFunction({
  name: "disks.import",
  summary: "Make a disk of an image: raw, or with QEMU's programs qcow2, vmdk, vhdx",
  description:
    "The disk is `creating` until every block was read back and found equal; nobody can attach to it before. Holes stay holes. A raw image whose length is no multiple of 512 is padded with zeroes. An image that refers to other files is refused. It needs the permission `files`: the server's user reads the path.",
  kind: "job",
  effect: "write",
  permissions,
  input: ImportInput,
  output: ImportOutput,
  examples: [{ name: "copy", path: "{tmp}/web.raw" }],
  examplesNeed: [aDisk, { call: "disks.export", input: { name: "web", path: "{tmp}/web.raw" } }],
  http: { method: "POST", path: "/v1/disks/{name}/import" },
  creates: true,
  cli: {
    positionals: ["name", "path"],
    examples: [
      "pagurus disks import web /srv/images/web.qcow2 --datastore fast --wait",
      "pagurus disks import web /srv/images/web.img --format qcow2 --resume --wait",
      "pagurus disks import web ./web.raw --local",
    ],
  },
  uses: { stores: StoresToken, images: ImagesToken },
  async check({ name, path, format, datastore, resume }, { stores, images }, { signal }) {
    if (datastore !== undefined) stores.demand(datastore);
    await demandFreeName(images.store, name, resume);
    const found = await inspectImage(path, { format, signal });
    await demandPrograms(path, found.format);
  },
  run: (input, { images }, job) => importDisk({ host: images, input, job }),
  failure: ({ name, path }, cause) => new CodedError("import-failed", { disk: name, path }, { cause }),
  forward: { from: IMPORTED, resume: (_input, { images }, job) => finishImport(images, job) },
});

const exportImage = defineFunction({
  name: "disks.export",
  summary: "Copy a disk to an image as it is in one moment, while its guest goes on",
  description:
    "The image shows the disk as a loss of power in that moment would leave it; the guest is held for no longer than the pause that is allowed. It gets its name when it is whole, durable and proven equal, and never takes that of another file. Only the server's user can read it. It needs the permission `files`: that user writes the path.",
  kind: "job",
  effect: "write",
  permissions,
  input: ExportInput,
  output: ExportOutput,
  examples: [{ name: "web", path: "{tmp}/web.raw" }],
  examplesNeed: [aDisk],
  http: { method: "POST", path: "/v1/disks/{name}/export" },
  cli: {
    positionals: ["name", "path"],
    examples: [
      "pagurus disks export web /backup/web.qcow2 --wait",
      "pagurus disks export web /backup/web.raw --max-pause 50ms --max-bytes-per-second 100MiB --resume",
    ],
  },
  uses: { disks: DiskServiceToken, images: ImagesToken },
  disks: ({ name }) => [name],
  async check({ name, path, format }, { disks }) {
    await disks.get(name);
    await demandPrograms(path, namedFormat(path, format));
    await demandFreePlace(path);
  },
  run: (input, { images }, job) => exportDisk({ host: images, input, job }),
  failure: ({ name, path }, cause) => new CodedError("export-failed", { disk: name, path }, { cause }),
  forward: { from: NAMED, resume: (_input, { images }, job) => finishExport(images, job) },
});

export const imageFunctions = [importImage, exportImage];
