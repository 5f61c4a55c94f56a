import assert from "node:assert/strict";
import { join } from "node:path";
import { ErrorSink, type Report, reasonOf } from "pagurus";
import { openPlugin, type PluginUnderTest } from "pagurus/conformance";
import type { Kit } from "../world.ts";
import { ReportPlace } from "./place.ts";
import { ofJob, reportOf } from "./reports.ts";

const forEver = () => new AbortController().signal;

/** The sink of a scenario, the reports that it was given, and where they should be. */
export class SinkUnderTest {
  readonly reports: Report[] = [];
  readonly place: ReportPlace;
  readonly #kit: Kit;
  #opened: { readonly plugin: PluginUnderTest; readonly sink: ErrorSink } | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
    assert.notEqual(kit.folder, "", "the scenario has no folder of its own yet");
    this.place = new ReportPlace(join(kit.folder, "tmp"));
  }

  /** With a log that the scenario sees. */
  async #open(): Promise<{ readonly plugin: PluginUnderTest; readonly sink: ErrorSink }> {
    if (this.#opened) return this.#opened;
    const plugin = await openPlugin(this.#kit.request, "control", this.place.log);
    this.#opened = { plugin, sink: plugin.get(ErrorSink) };
    return this.#opened;
  }

  get last(): Report {
    const last = this.reports.at(-1);
    if (!last) throw new Error("the scenario has no report");
    return last;
  }

  /** `what` says what is special about it, should it fail. */
  async deliver(parts = ofJob, what = ""): Promise<void> {
    const { sink } = await this.#open();
    const report = reportOf(this.reports.length, parts);
    this.reports.push(report);
    try {
      await sink.deliver(report, { signal: forEver() });
    } catch (cause) {
      throw new Error(`the sink did not take a report${what && ` with ${what}`}: ${reasonOf(cause)}`, {
        cause,
      });
    }
  }

  /** Why one more report didn't arrive, as the sink tells it; `undefined` where it tells nothing. */
  async refusal(): Promise<string | undefined> {
    try {
      await this.deliver();
      return undefined;
    } catch (error) {
      return reasonOf(error) || "no reason";
    }
  }

  async start(): Promise<void> {
    const { sink } = await this.#open();
    await sink.start?.({ signal: forEver() });
  }

  async takePlaceAway(): Promise<void> {
    await this.#open();
    await this.place.takeAway();
  }

  /** As the server stops it. */
  async stop(): Promise<void> {
    const { plugin } = await this.#open();
    await plugin.stop();
  }

  async stopTwice(): Promise<void> {
    const { sink } = await this.#open();
    await sink.stop?.();
    await sink.stop?.();
  }

  async assertArrived({ id }: Report): Promise<void> {
    assert.ok(
      (await this.place.text()).includes(id),
      `the delivery of the report ${id} has ended, and it is neither in the log nor in a file below {tmp}`,
    );
  }

  async end(): Promise<void> {
    await this.place.putBack();
    await this.#opened?.plugin.stop();
  }
}
