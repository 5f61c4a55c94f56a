import { CodedError, Disk, type Layer, reasonOf } from "../contract/index.ts";
import { compareImage, sendImage } from "../images/index.ts";
import { NbdClient } from "../nbd/client.ts";
import { type Cli, remark } from "./cli.ts";
import { createProgressLine, createProgressText } from "./progress-line.ts";
import { quantityOf } from "./quantity.ts";

/** So long a server may be away, such as while it is restarted. */
const BACK_WITHIN_MS = 60_000;
const TRY_AGAIN_MS = 250;

/** What an import over NBD came to. */
export interface Copied {
  /** What the disk had of the image before, and was found equal. */
  readonly bytesFound: number;
  readonly bytesCopied: number;
}

/** What was copied when the connection was lost. */
interface SoFar {
  bytesFound: number | undefined;
  bytesCopied: number;
  /** By the monotonic clock: when the disk was last seen. */
  seenMs: number;
}

/**
 * Copies to a disk over NBD what it lacks of an image, and goes on after its server was away for a while. Nothing is
 * taken for granted after that, or of what an earlier run has copied: it is read again. `disk-unreachable`,
 * `disk-holds-other`, `cancelled`, and as the image's reads.
 */
export async function copyToDisk(image: Layer, name: string, cli: Cli): Promise<Copied> {
  const { clock, signal } = cli.host;
  const soFar: SoFar = { bytesFound: undefined, bytesCopied: 0, seenMs: clock.monotonicMs() };
  for (;;)
    try {
      await copyOnce(image, { name, soFar }, cli);
      return { bytesFound: soFar.bytesFound ?? 0, bytesCopied: soFar.bytesCopied };
    } catch (error) {
      if (signal.aborted) throw new CodedError("cancelled", { what: `Importing ${name}` }, { cause: error });
      const again = soFar.bytesFound !== undefined && mayComeBack(error);
      if (!again || clock.monotonicMs() > soFar.seenMs + BACK_WITHIN_MS) throw error;
      await new Promise<void>((resolve) => clock.after(TRY_AGAIN_MS, resolve));
    }
}

const GONE: readonly string[] = ["peer-lost", "server-unreachable", "server-stopping", "disk-unreachable"];

const mayComeBack = (error: unknown): boolean =>
  CodedError.is(error) &&
  (GONE.includes(error.code) || (error.code === "nbd-error" && error.data["errno"] === "ESHUTDOWN"));

async function copyOnce(
  image: Layer,
  { name, soFar }: { readonly name: string; readonly soFar: SoFar },
  cli: Cli,
): Promise<void> {
  const { host, options } = cli;
  const { clock, signal } = host;
  const client = await attached(name, cli);
  const line = createProgressLine(options.json ? host.err : host.out, clock);
  try {
    const comparing = createProgressText(name);
    const compared = (reached: number) => {
      soFar.seenMs = clock.monotonicMs();
      const percent = (reached / image.sizeBytes) * 100;
      if (!options.quiet) line.show(comparing({ phase: "comparing", percent }));
    };
    const { pieces, bytes } = await compareImage(image, client, { disk: name, signal, progress: compared });
    if (soFar.bytesFound === undefined && bytes > 0) tellFound(name, bytes, cli);
    soFar.bytesFound ??= bytes;

    const copying = createProgressText(name);
    const before = soFar.bytesCopied;
    const startedMs = clock.monotonicMs();
    const sent = (reached: number, newly: number) => {
      soFar.seenMs = clock.monotonicMs();
      soFar.bytesCopied = before + newly;
      const { bytesCopied } = soFar;
      const seconds = (soFar.seenMs - startedMs) / 1000;
      const bytesPerSecond = seconds === 0 ? 0 : Math.round(newly / seconds);
      const percent = (reached / image.sizeBytes) * 100;
      if (!options.quiet) line.show(copying({ phase: "copying", percent, bytesCopied, bytesPerSecond }));
    };
    await sendImage(image, client, { disk: name, present: pieces, signal, progress: sent });
    await client.disconnect();
  } catch (error) {
    client.destroy();
    await client.closed;
    throw error;
  } finally {
    if (!options.quiet) line.end();
  }
}

const tellFound = (name: string, bytes: number, cli: Cli): void =>
  remark(cli, `The disk ${name} has ${quantityOf("bytesFound", bytes)} of the image; the rest is copied.`);

/** The first of the disk's addresses that answers from here; they may be others after a restart. */
async function attached(name: string, { host: { signal }, engine }: Cli): Promise<NbdClient> {
  const { exports } = Disk.parse((await (await engine()).invoke("disks.show", { name }, { signal })).output);
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
