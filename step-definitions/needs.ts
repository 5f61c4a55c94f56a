import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Before } from "pagurus/steps";
import { builtGuest } from "../scripts/guest/place.ts";
import { containerEngine } from "../scripts/minio/container.ts";
import { lackOfMinio } from "../scripts/minio/provide.ts";
import { isRequired } from "../scripts/required.ts";
import { knowsExtendedHeaders } from "./support/extended-qemu.ts";
import { mayMount } from "./support/journal-mount.ts";
import { PYTHON } from "./support/python.ts";
import type { Lab } from "./world.ts";

interface Part {
  readonly commands: readonly string[];
  readonly get: string;
  /** Whether what was found is what is needed; rejects where it can't be tried. */
  readonly suits?: () => Promise<boolean>;
}

const run = promisify(execFile);

/** Real parts that a scenario may need, by the name in its tag `@needs:<part>`. */
const parts: Readonly<Record<string, Part>> = {
  fio: {
    commands: ["fio"],
    get: "install `fio` with its engine nbd (Debian: apt-get install fio)",
    suits: async () => /^\s*nbd$/m.test((await run("fio", ["--enghelp"])).stdout),
  },
  qemu: {
    commands: ["qemu-img", "qemu-io"],
    get: "install QEMU's tools (Debian: apt-get install qemu-utils)",
  },
  "qemu-extended": {
    commands: [],
    get: "have qemu-io 8.2 or newer in the PATH or in the folder named by PAGURUS_QEMU_EXTENDED (Debian 12: bash .ci/qemu-extended.sh <folder>)",
    suits: knowsExtendedHeaders,
  },
  libnbd: {
    commands: ["nbdinfo", "nbdcopy"],
    get: "install libnbd's tools (Debian: apt-get install libnbd-bin)",
  },
  "python-libnbd": {
    commands: [PYTHON],
    get: "install libnbd for Python (Debian: apt-get install python3-libnbd)",
    suits: async () => (await run(PYTHON, ["-c", "import nbd; print(nbd)"])).stdout !== "",
  },
  guest: {
    commands: ["qemu-system-x86_64", "qemu-img", "mkfs.ext4", "fsck.ext4"],
    get: "on Debian 12: apt-get install qemu-system-x86 qemu-utils e2fsprogs cpio, then `npm run guest` builds it",
    suits: async () => (await builtGuest()) !== undefined,
  },
  mounts: {
    commands: ["mount", "umount"],
    get: "run as root, where file systems may be mounted",
    suits: mayMount,
  },
  nbdkit: { commands: ["nbdkit"], get: "install `nbdkit` (Debian: apt-get install nbdkit)" },
  minio: {
    commands: [],
    get: "build it with `npm run minio`; README.md says where else it is looked for",
    suits: async () => (await lackOfMinio()) === undefined,
  },
  docker: {
    commands: [],
    get: "install Docker and start it (Debian: apt-get install docker.io)",
    suits: async () => (await containerEngine()) !== undefined,
  },
  chromium: { commands: ["chromium"], get: "install Chromium (Debian: apt-get install chromium)" },
  postgresql: {
    commands: ["initdb", "postgres"],
    get: "install PostgreSQL (Debian: apt-get install postgresql)",
  },
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const isInPath = async (command: string): Promise<boolean> => {
  if (command.startsWith("/")) return isExecutable(command);
  for (const folder of (process.env["PATH"] ?? "").split(delimiter))
    if (await isExecutable(join(folder, command))) return true;
  return false;
};

/** Why the part can't be used and how to get it; undefined where it can. */
const lackOf = async (name: string): Promise<string | undefined> => {
  const part = parts[name];
  if (!part) throw new Error(`@needs:${name} is none of ${Object.keys(parts).join(", ")}`);
  for (const command of part.commands)
    if (!(await isInPath(command))) return `there is no \`${command}\`; ${part.get}`;
  if (part.suits && !(await part.suits().catch(() => false)))
    return `there is no \`${name}\` that will do; ${part.get}`;
  return undefined;
};

Before(async function (this: Lab, { pickle }) {
  for (const { name: tag } of pickle.tags) {
    const [, name] = /^@needs:(.+)$/.exec(tag) ?? [];
    const lack = name === undefined ? undefined : await lackOf(name);
    if (name === undefined || lack === undefined) continue;
    if (isRequired(name)) throw new Error(`PAGURUS_REQUIRE demands ${name}, but ${lack}`);
    this.log(lack);
    return "skipped";
  }
  return undefined;
});
