import { OtherProcess } from "./other-process.ts";
import type { PluginRequest } from "./plugin-under-test.ts";

/** Other processes, one after another: one that was not killed serves again, since starting takes the longest. */
export class OtherProcesses {
  readonly #below: readonly string[];
  readonly #all = new Set<OtherProcess>();
  readonly #idle: OtherProcess[] = [];

  /** `below`: the command of a program that runs each of them below itself, such as a tracer. */
  constructor(below: readonly string[] = []) {
    this.#below = below;
  }

  /** One with the plugin opened in it as it is here. */
  async take(request: PluginRequest): Promise<OtherProcess> {
    const found = this.#idle.pop() ?? (await OtherProcess.start(this.#below));
    this.#all.add(found);
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

  async end(): Promise<void> {
    for (const process of this.#all) await this.#kill(process);
  }

  async #kill(process: OtherProcess): Promise<void> {
    this.#all.delete(process);
    await process.kill();
  }
}

const gone = { code: "gone" };
