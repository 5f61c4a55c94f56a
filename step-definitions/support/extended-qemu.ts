import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const OLDEST = [8, 2];

/** Where a QEMU that knows extended headers is, where it isn't in the PATH: see `.ci/qemu-extended.sh`. */
const programOf = (name: string): string => {
  const folder = process.env["PAGURUS_QEMU_EXTENDED"];
  return folder === undefined || folder === "" ? name : join(folder, name);
};

/** Whether the QEMU that is meant knows extended headers; rejects where there is none. */
export const knowsExtendedHeaders = async (): Promise<boolean> => {
  const { stdout } = await run(programOf("qemu-io"), ["--version"]);
  const [major = 0, minor = 0] = (/version (\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
};

/** Lets that qemu-io do the commands on a disk; all that it said, with each request that it sent. */
export const qemuIoTraced = async (uri: string, commands: readonly string[]): Promise<string> => {
  const each = commands.flatMap((command) => ["-c", command]);
  const args = ["-f", "raw", "--trace", "nbd_send_request", ...each, uri];
  const { stdout, stderr } = await run(programOf("qemu-io"), args);
  return stdout + stderr;
};
