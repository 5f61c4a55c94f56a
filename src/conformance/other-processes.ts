import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../contract/errors.ts";
import { OtherProcess } from "./other-process.ts";
import type { PluginRequest } from "./plugin-under-test.ts";

/** No system calls can be traced here. */
export class NoTrace extends Error {}

/** Other processes, one after another: one that was not killed serves again, since starting takes the longest. */
export class OtherProcesses {
  readonly #traced: boolean;
  readonly #all = new Set<OtherProcess>();
  readonly #idle: OtherProcess[] = [];
  #folder: string | undefined;
  #started = 0;

  constructor({ traced = false }: { readonly traced?: boolean } = {}) {
    this.#traced = traced;
  }

  /** One with the plugin opened in it as it is here. `NoTrace` where it is to be traced and can't be. */
  async take(request: PluginRequest): Promise<OtherProcess> {
    const found = this.#idle.pop() ?? (await this.#start());
    this.#all.add(found);
    if (found.trace !== undefined) found.traceBegin = (await stat(found.trace)).size;
    const { code } = await found.ask({ do: "start", request });
    if (code !== undefined) {
      await this.#kill(found);
      throw new Error(`the plugin doesn't start in another process: ${code}`);
    }
    return found;
  }

  /** Ends what the process has open; it is killed where something is still under way. */
  async giveBack(process: OtherProcess): Promise<void> {
    const { code } = process.idle ? await process.ask({ do: "stop" }).catch(() => ({ code: "gone" })) : gone;
    if (code === undefined) this.#idle.push(process);
    else await this.#kill(process);
  }

  /** Kills all that there are, also those that were not given back. More can be taken afterwards. */
  async end(): Promise<void> {
    for (const process of this.#all) await this.#kill(process);
    this.#idle.length = 0;
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
    this.#folder = undefined;
  }

  async #start(): Promise<OtherProcess> {
    if (!this.#traced) return OtherProcess.start();
    this.#folder ??= await mkdtemp(join(tmpdir(), "pagurus-trace-"));
    return OtherProcess.start(join(this.#folder, `${this.#started++}`)).catch((error: unknown) => {
      throw new NoTrace(reasonOf(error).replace("spawn strace ENOENT", "strace is not installed"));
    });
  }

  async #kill(process: OtherProcess): Promise<void> {
    this.#all.delete(process);
    await process.kill();
  }
}

const gone = { code: "gone" };
