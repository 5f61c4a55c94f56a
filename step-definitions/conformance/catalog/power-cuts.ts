import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Kysely } from "kysely";
import { Catalog, reasonOf } from "pagurus";
import {
  type OtherCatalog,
  openPlugin,
  type PluginRequest,
  type PluginUnderTest,
  type PowerCut,
  PowerTrace,
  startOtherCatalog,
} from "pagurus/conformance";
import { random } from "../random.ts";
import type { Kit } from "../world.ts";
import type { Accounts } from "./catalog-under-test.ts";
import { refusalOf } from "./refusals.ts";

/** How many transactions are made, how many moments are looked at beside those of answers, how many states at each. */
const PAIRS = 3;
const MOMENTS = 4;
const CHANCES = 1;

/** What a power cut can leave of a catalog that a process of its own makes and writes to. */
export class PowerCuts {
  readonly #kit: Kit;
  #other: OtherCatalog | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** `undefined` where every state that a power cut can leave is as promised; else why that is not proven. */
  async prove(): Promise<string | undefined> {
    const { folder } = this.#kit;
    const root = join(folder, "powered");
    const file = join(folder, "trace");
    await mkdir(root, { mode: 0o700 });
    const task = { do: "add-marked", pairs: PAIRS } as const;
    this.#other = startOtherCatalog(this.#kit.requestIn(root), task, file);
    const answer = await this.#other.next();
    if (answer === "dead") return "no system calls can be traced here";
    if (answer.code !== undefined) throw new Error(`the other process is refused: ${answer.code}`);
    await this.#other.end();
    const trace = new PowerTrace(readFileSync(file, "latin1"), { root, cwd: process.cwd() });
    if (trace.empty) return "it keeps no files in the folder that {tmp} stands for";
    if (trace.unseen.size > 0) return `it ${[...trace.unseen].join(", ")}`;
    await this.#examine(trace);
    return undefined;
  }

  async #examine(trace: PowerTrace): Promise<void> {
    const { seed, effort } = this.#kit.parameters;
    const moments = MOMENTS * effort;
    let state = 0;
    for (const cut of trace.cuts(-1, { moments, chances: CHANCES * effort, random: random(seed) })) {
      const folder = join(this.#kit.folder, `cut-${state++}`);
      await mkdir(folder, { mode: 0o700 });
      cut.writeTo(folder);
      const complaint = await complaintOf(this.#kit.requestIn(folder), cut);
      if (complaint !== undefined)
        throw new Error(
          `after a power cut ${momentOf(cut)}, when ${cut.fate}: ${complaint} (state ${state}, seed ${seed})`,
        );
      await rm(folder, { recursive: true });
    }
  }

  async end(): Promise<void> {
    await this.#other?.end();
  }
}

const momentOf = ({ marks }: PowerCut): string => {
  const last = marks.at(-1);
  if (last === undefined) return "while the catalog is made";
  const what = last.number === 0 ? "the making of a table" : `transaction ${last.number}`;
  return last.event === "asked" ? `during ${what}` : `after ${what} had resolved`;
};

/** What is wrong with what was left; `undefined` where nothing is. */
const complaintOf = async (request: PluginRequest, { marks }: PowerCut): Promise<string | undefined> => {
  const answered = marks.filter(({ event }) => event === "answered").map(({ number }) => number);
  let plugin: PluginUnderTest;
  try {
    plugin = await openPlugin(request, "control");
  } catch (error) {
    return `it doesn't start: ${await refusalOf(() => Promise.reject(error))}`;
  }
  const { get, stop } = plugin;
  const db = new Kysely<Accounts>({ dialect: get(Catalog).dialect() });
  try {
    if (!answered.includes(0)) return undefined;
    const rows = await db.selectFrom("account").select("id").execute();
    const has = (half: string, pair: number) => rows.some(({ id }) => id === `${half}-${pair}`);
    for (let pair = 1; pair <= PAIRS; pair++) {
      const [left, right] = [has("left", pair), has("right", pair)];
      if (left !== right) return `transaction ${pair} is there by half`;
      if (answered.includes(pair) && !left) return `transaction ${pair} had resolved and is gone`;
    }
    return undefined;
  } catch (error) {
    return `what had resolved can't be read: ${reasonOf(error)}`;
  } finally {
    await db.destroy();
    await stop();
  }
};
