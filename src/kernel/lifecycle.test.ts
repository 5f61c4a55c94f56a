import { describe, expect, it } from "vitest";
import {
  Catalog,
  CodedError,
  definePlugin,
  type ExtensionPoint,
  type Lifecycle,
  z,
} from "../contract/index.ts";
import type { Clock } from "../contract/services.ts";
import { observationOf } from "../observations/index.ts";
import { DEADLINE_MS, type Live, LiveInstances } from "./lifecycle.ts";

/** Time that passes only when told to. */
class HeldClock implements Clock {
  #waiting = new Set<() => void>();
  now = () => 0;
  monotonicMs = () => 0;
  sleep = async () => {};
  after(ms: number, then: () => void) {
    expect(ms).toBe(DEADLINE_MS);
    this.#waiting.add(then);
    return () => void this.#waiting.delete(then);
  }
  pass() {
    for (const then of [...this.#waiting]) then();
  }
}

const point = Catalog as ExtensionPoint<unknown>;
const live = (key: string, object: Lifecycle, after: readonly Live[] = [], optional = false): Live => ({
  instance: {
    key,
    id: key,
    plugin: definePlugin({ id: key, apiVersion: 1, summary: key, config: z.any(), provides: [point] }),
    config: {},
    optional,
  },
  after: after.map(({ instance }) => instance),
  objects: [object],
  state: "registered",
});

const log = () => {
  const lines: string[] = [];
  const object = (name: string, fails: { start?: unknown; stop?: unknown } = {}): Lifecycle => ({
    start() {
      lines.push(`+${name}`);
      if (fails.start) throw fails.start;
    },
    stop() {
      lines.push(`-${name}`);
      if (fails.stop) throw fails.stop;
    },
  });
  return { lines, object };
};
const failureOf = (run: Promise<unknown>) => run.then(() => undefined, observationOf);
/** Lets everything run that waits for nothing but its turn. */
const settle = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe("starting and stopping", () => {
  it("starts each after what it needs and stops in the exact reverse, once however often asked", async () => {
    const { lines, object } = log();
    const a = live("a", object("a"));
    const b = live("b", object("b"), [a]);
    const c = live("c", object("c"), [b]);
    const lives = new LiveInstances([a, b, c], new HeldClock());
    await Promise.all([lives.start(), lives.start()]);
    expect(c.state).toBe("ready");
    await Promise.all([lives.stop(), lives.stop()]);
    expect(lines).toEqual(["+a", "+b", "+c", "-c", "-b", "-a"]);
    expect(a.state).toBe("stopped");
    await expect(lives.start()).rejects.toMatchObject({ code: "server-stopping" });
  });

  it("starts in parallel what does not need each other", async () => {
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = live("slow", { start: () => held.then(() => void order.push("slow")) });
    const quick = live("quick", { start: () => void order.push("quick") });
    const started = new LiveInstances([slow, quick], new HeldClock()).start();
    await settle();
    expect(order).toEqual(["quick"]);
    release();
    await started;
  });

  it("stops what was started when one fails, names it and starts none that needs it", async () => {
    const { lines, object } = log();
    const a = live("a", object("a"));
    const b = live(
      "stores.b",
      object("b", { start: new CodedError("datastore-unavailable", { datastore: "b", reason: "gone" }) }),
      [a],
    );
    const c = live("c", object("c"), [b]);
    const failure = await failureOf(new LiveInstances([a, b, c], new HeldClock()).start());
    expect(failure).toMatchObject({
      code: "plugin-start-failed",
      data: { instance: "stores.b" },
      causes: [{ code: "datastore-unavailable" }],
    });
    expect(lines).toEqual(["+a", "+b", "-b", "-a"]);
  });

  it("lets the rest live where an optional one fails, and keeps why", async () => {
    const { lines, object } = log();
    const a = live("a", object("a", { start: new Error("no") }), [], true);
    const b = live("b", object("b"), [a]);
    const lives = new LiveInstances([a, b], new HeldClock());
    await lives.start();
    expect([a.state, b.state]).toEqual(["failed", "ready"]);
    expect(a.failure).toMatchObject({ code: "plugin-start-failed", data: { instance: "a" } });
    await lives.stop();
    expect(lines).toEqual(["+a", "-a", "+b", "-b"]);
  });

  it("collects what fails to stop and never leaves out the rest", async () => {
    const { lines, object } = log();
    const a = live("a", object("a"));
    const b = live("b", object("b", { stop: new Error("stuck b") }));
    const c = live("c", object("c", { stop: new Error("stuck c") }));
    const lives = new LiveInstances([a, b, c], new HeldClock());
    await lives.start();
    const failure = await failureOf(lives.stop());
    expect(lines.slice(3)).toEqual(["-c", "-b", "-a"]);
    expect(failure?.causes.map(({ code, data }) => [code, data["instance"]])).toEqual([
      ["plugin-stop-failed", "c"],
      ["plugin-stop-failed", "b"],
    ]);
  });

  it("gives each start its deadline: its signal fires, and everything is stopped", async () => {
    const { lines, object } = log();
    const clock = new HeldClock();
    let told: unknown;
    const a = live("a", object("a"));
    const hung = live("hung", {
      start: ({ signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            told = signal.reason;
          });
        }),
      stop: () => void lines.push("-hung"),
    });
    const started = failureOf(new LiveInstances([a, hung], clock).start());
    await settle();
    clock.pass();
    expect(await started).toMatchObject({ code: "plugin-start-timeout", data: { instance: "hung" } });
    expect(told).toMatchObject({ code: "plugin-start-timeout" });
    expect(lines).toEqual(["+a", "-hung", "-a"]);
  });

  it("tells an optional one that its time is up, and goes on without it", async () => {
    const clock = new HeldClock();
    let told: unknown;
    const start = ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<void>(() => {
        signal.addEventListener("abort", () => {
          told = signal.reason;
        });
      });
    const hung = live("hung", { start }, [], true);
    const started = new LiveInstances([hung], clock).start();
    await settle();
    clock.pass();
    await started;
    expect(told).toMatchObject({ code: "plugin-start-timeout" });
    expect(hung.state).toBe("failed");
  });

  it("gives each stop its deadline, and goes on with the rest", async () => {
    const { lines, object } = log();
    const clock = new HeldClock();
    const a = live("a", object("a"));
    const hung = live("hung", { stop: () => new Promise<void>(() => {}) });
    const lives = new LiveInstances([a, hung], clock);
    await lives.start();
    const stopped = failureOf(lives.stop());
    await settle();
    clock.pass();
    expect(await stopped).toMatchObject({ code: "plugin-stop-timeout", data: { instance: "hung" } });
    expect(lines).toEqual(["+a", "-a"]);
  });

  it("stops while it still starts: the start is told and ends first", async () => {
    const lines: string[] = [];
    const slow = live("slow", {
      start: ({ signal }) =>
        new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      stop: () => void lines.push("-slow"),
    });
    const lives = new LiveInstances([slow], new HeldClock());
    const started = failureOf(lives.start());
    await settle();
    await lives.stop();
    expect((await started)?.code).toBe("server-stopping");
    expect(lines).toEqual(["-slow"]);
  });
});
