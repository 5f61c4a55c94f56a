import { stat } from "node:fs/promises";
import { CodedError, Disk, type Engine, reasonOf, z } from "../contract/index.ts";
import { type FoundImage, IMAGE_FORMATS, inspectImage, openImage } from "../images/index.ts";
import { answer, type Cli, remark } from "./cli.ts";
import { type Copied, copyToDisk } from "./copy-to-disk.ts";
import type { CliHost } from "./host.ts";

const REMOVE_WITHIN_MS = 5000;
const REMOVE_AGAIN_MS = 100;

/** What of the function's input has a meaning where the image is read here. */
const Input = z.strictObject({
  name: z.string(),
  path: z.string(),
  format: z.enum(IMAGE_FORMATS).optional(),
  datastore: z.string().optional(),
  resume: z.boolean().default(false),
});
type Input = z.output<typeof Input>;

/**
 * Imports an image of this machine: makes the disk and copies over its NBD export, so that nothing but the usual
 * permission to write is needed. The disk is there from the beginning, and is removed where it doesn't become whole;
 * with `resume` it stays, and the same command goes on with what a comparison finds missing.
 */
export async function importLocally(given: unknown, cli: Cli): Promise<void> {
  const input = inputOf(given);
  const { name, path, format } = input;
  const { signal } = cli.host;
  const found = await inspectImage(path, { format, signal });
  const image = await openImage(found);
  try {
    const engine = await cli.engine();
    await diskFor(found, input, engine);
    const version = await versionOf(path);
    const copied = await orLeave(input, cli, async () => {
      const done = await copyToDisk(image, name, cli);
      if ((await versionOf(path)) !== version) throw new CodedError("image-changed", { path });
      return done;
    });
    await tell(found, { name, copied }, cli);
  } finally {
    await image.close();
  }
}

const inputOf = (given: unknown): Input => {
  const { data, success } = Input.safeParse(given);
  if (success) return data;
  throw new CodedError("usage-invalid", {
    problem: "With `--local` only a name, a path, `--format`, `--datastore` and `--resume` can be given",
    help: "pagurus help disks import",
  });
};

/** Makes the disk; with `resume` one that is there will do, if it is like the one that would be made. */
async function diskFor({ sizeBytes }: FoundImage, input: Input, engine: Engine): Promise<void> {
  const { name, datastore, resume } = input;
  try {
    // Without the signal: who gives up meanwhile doesn't know whether there is a disk to remove.
    await engine.invoke("disks.create", { name, sizeBytes, ...(datastore !== undefined && { datastore }) });
    return;
  } catch (error) {
    if (!CodedError.is(error, "disk-exists")) throw error;
    if (!resume) throw new CodedError("disk-maybe-half-imported", { disk: name });
  }
  const there = Disk.parse((await engine.invoke("disks.show", { name })).output);
  const wanted = datastore ?? there.datastore;
  if (there.state !== "available") throw new CodedError("disk-exists", { disk: name });
  if (there.sizeBytes !== sizeBytes || there.datastore !== wanted)
    throw new CodedError("disk-imported-otherwise", {
      disk: name,
      sizeBytes: there.sizeBytes,
      datastore: there.datastore,
      wanted: `${sizeBytes} bytes in ${wanted}`,
    });
}

/** What becomes of the disk where the work fails. */
async function orLeave<T>({ name, resume }: Input, cli: Cli, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Ctrl-C must not keep what is half made, unless it is wanted.
    if (!resume) await remove(name, await cli.engine(), cli.host.clock, error);
    else if (!CodedError.is(error, "disk-holds-other"))
      remark(cli, `The disk ${name} stays, half imported; the same command goes on.`);
    throw error;
  }
}

/** As far as the file system tells: when the file was last changed, and how long it is. */
const versionOf = (path: string): Promise<string> =>
  stat(path, { bigint: true }).then(
    ({ mtimeNs, size }) => `${mtimeNs} ${size}`,
    () => "gone",
  );

async function tell(
  { path, format, paddedBytes }: FoundImage,
  { name, copied }: { readonly name: string; readonly copied: Copied },
  cli: Cli,
): Promise<void> {
  const engine = await cli.engine();
  const shown = await engine.invoke("disks.show", { name }, { signal: cli.host.signal });
  answer(cli, { ...Disk.parse(shown.output), path, format, paddedBytes, ...copied });
}

/** The server may not have noticed yet that our connection has ended. Rejects with what is left, and why. */
async function remove(disk: string, engine: Engine, clock: CliHost["clock"], cause: unknown): Promise<void> {
  const giveUpMs = clock.monotonicMs() + REMOVE_WITHIN_MS;
  for (;;)
    try {
      await engine.invoke("disks.remove", { name: disk });
      return;
    } catch (error) {
      if (!CodedError.is(error, "disk-in-use") || clock.monotonicMs() > giveUpMs)
        throw new CodedError("half-import-left", { disk, reason: reasonOf(error) }, { cause });
      await new Promise<void>((resolve) => clock.after(REMOVE_AGAIN_MS, resolve));
    }
}
