import { CodedError, Disk, type Engine, reasonOf, z } from "../contract/index.ts";
import { IMAGE_FORMATS, inspectImage, openImage, sendImage } from "../images/index.ts";
import { NbdClient } from "../nbd/client.ts";
import { answer, type Cli } from "./cli.ts";
import type { CliHost } from "./host.ts";
import { createProgressLine, createProgressText } from "./progress-line.ts";

const REMOVE_WITHIN_MS = 5000;
const REMOVE_AGAIN_MS = 100;

/** What of the function's input has a meaning where the image is read here. */
const Input = z.strictObject({
  name: z.string(),
  path: z.string(),
  format: z.enum(IMAGE_FORMATS).optional(),
  datastore: z.string().optional(),
});

/**
 * Imports an image of this machine: makes the disk and copies over its NBD export, so that nothing but the usual
 * permission to write is needed. The disk is there from the beginning, and is removed where it doesn't become whole.
 */
export async function importLocally(input: unknown, cli: Cli): Promise<void> {
  const given = Input.safeParse(input);
  if (!given.success)
    throw new CodedError("usage-invalid", {
      problem: "With `--local` only a name, a path, `--format` and `--datastore` can be given",
      help: "pagurus help disks import",
    });
  const { name, path, format, datastore } = given.data;
  const { signal } = cli.host;
  const found = await inspectImage(path, { format, signal });
  const image = await openImage(found);
  try {
    const engine = await cli.engine();
    const { sizeBytes, paddedBytes } = found;
    const where = datastore === undefined ? {} : { datastore };
    // Without the signal: who gives up meanwhile doesn't know whether there is a disk to remove.
    const made = await engine.invoke("disks.create", { name, sizeBytes, ...where });
    const disk = Disk.parse(made.output);
    try {
      const bytesCopied = await copied(disk, image, cli);
      const account = { path, format: found.format, paddedBytes, bytesCopied };
      answer(cli, {
        ...Disk.parse((await engine.invoke("disks.show", { name }, { signal })).output),
        ...account,
      });
    } catch (error) {
      // Ctrl-C must not keep what is half made.
      await remove(name, engine, cli.host.clock, error);
      throw error;
    }
  } finally {
    await image.close();
  }
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

async function copied(disk: Disk, image: Awaited<ReturnType<typeof openImage>>, cli: Cli): Promise<number> {
  const { host, options } = cli;
  const client = await attached(disk, host.signal);
  const line = createProgressLine(options.json ? host.err : host.out, host.clock);
  const textOf = createProgressText(disk.name);
  const startedMs = host.clock.monotonicMs();
  const progress = (reached: number, bytesCopied: number) => {
    if (options.quiet) return;
    const seconds = (host.clock.monotonicMs() - startedMs) / 1000;
    const bytesPerSecond = seconds === 0 ? 0 : Math.round(bytesCopied / seconds);
    line.show(
      textOf({ phase: "copying", percent: (reached / disk.sizeBytes) * 100, bytesCopied, bytesPerSecond }),
    );
  };
  try {
    const bytesCopied = await sendImage(image, client, { disk: disk.name, signal: host.signal, progress });
    await client.disconnect();
    return bytesCopied;
  } catch (error) {
    client.destroy();
    await client.closed;
    if (host.signal.aborted)
      throw new CodedError("cancelled", { what: `Importing ${disk.name}` }, { cause: error });
    throw error;
  } finally {
    if (!options.quiet) line.end();
  }
}

/** The first of the disk's addresses that answers from here. */
async function attached({ name, exports }: Disk, signal: AbortSignal): Promise<NbdClient> {
  let reason = "it is not exported";
  for (const { uri } of exports)
    try {
      return await NbdClient.connect(uri, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      reason = reasonOf(error);
    }
  throw new CodedError("disk-unreachable", { disk: name, reason });
}
