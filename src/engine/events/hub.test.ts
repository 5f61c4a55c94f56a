import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineEvent } from "../../contract/index.ts";
import { createEventHub } from "./hub.ts";

const clock = { now: () => 1 };
const hubOf = (capacity = 4) => createEventHub({ boot: 7, clock, capacity });

/** Everything that is there to be read now: the hub is closed, which ends the subscription. */
const drain = async (events: AsyncIterable<EngineEvent>): Promise<readonly EngineEvent[]> => {
  const seen: EngineEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
};
const idsOf = (events: readonly EngineEvent[]) => events.map(({ id, type }) => `${id} ${type}`);

test("a subscriber sees what happens after it subscribed, and not before", async () => {
  const hub = hubOf();
  hub.publish({ type: "disk.created", disk: "a" });
  const events = hub.subscribe({});
  hub.publish({ type: "disk.removed", disk: "a", data: { why: "asked" } });
  hub.close();
  expect(await drain(events)).toEqual([
    { id: "7-2", type: "disk.removed", disk: "a", at: 1, data: { why: "asked" } },
  ]);
});

test("whoever resumes gets exactly what it missed", async () => {
  const hub = hubOf();
  for (const type of ["a.b", "c.d", "e.f"]) hub.publish({ type });
  hub.close();
  expect(idsOf(await drain(hub.subscribe({}, { after: "7-1" })))).toEqual(["7-2 c.d", "7-3 e.f"]);
  expect(idsOf(await drain(hub.subscribe({}, { after: "7-3" })))).toEqual([]);
});

test.each(["6-1", "7-9", "rubbish", "7-0", ""])(
  "an id that cannot be resumed (%j) gets one reset",
  async (after) => {
    const hub = hubOf(2);
    for (const type of ["a.b", "c.d", "e.f"]) hub.publish({ type });
    hub.close();
    expect(idsOf(await drain(hub.subscribe({ types: ["c.d"] }, { after })))).toEqual(["7-3 reset"]);
  },
);

test("a subscriber that falls behind the ring gets a reset instead of memory", async () => {
  const hub = hubOf(3);
  const events = hub.subscribe({});
  for (let n = 0; n < 10; n++) hub.publish({ type: "a.b" });
  hub.close();
  expect(idsOf(await drain(events))).toEqual(["7-10 reset"]);
});

test("progress is coalesced per job, in its place, and never replayed", async () => {
  const hub = hubOf();
  const iterator = hub.subscribe({})[Symbol.asyncIterator]();
  const first = iterator.next();
  hub.publish({ type: "job.started", job: "1" });
  await first;
  for (const percent of [1, 2, 3]) hub.publish({ type: "job.progressed", job: "1", data: { percent } });
  hub.publish({ type: "job.progressed", job: "2", data: { percent: 9 } });
  hub.publish({ type: "job.ended", job: "1" });
  hub.close();
  const rest = await drain({ [Symbol.asyncIterator]: () => iterator });
  expect(rest.map(({ id, job, type, data: { percent } }) => [id, job, type, percent])).toEqual([
    ["7-1", "1", "job.progressed", 3],
    ["7-1", "2", "job.progressed", 9],
    ["7-2", "1", "job.ended", undefined],
  ]);
  expect(idsOf(await drain(hub.subscribe({}, { after: "7-1" })))).toEqual(["7-2 job.ended"]);
});

test("filters narrow, each one further", async () => {
  const hub = hubOf(9);
  hub.publish({ type: "a.b", disk: "x", job: "1" });
  hub.publish({ type: "a.b", disk: "y", job: "1" });
  hub.publish({ type: "c.d", disk: "x", job: "1" });
  hub.close();
  const ids = async (filter: Parameters<typeof hub.subscribe>[0]) =>
    (await drain(hub.subscribe(filter, { after: "7-0" }))).map(({ id }) => id);
  expect(await ids({ job: "1" })).toEqual(["7-1", "7-2", "7-3"]);
  expect(await ids({ job: "1", disk: "x" })).toEqual(["7-1", "7-3"]);
  expect(await ids({ job: "1", disk: "x", types: ["c.d"] })).toEqual(["7-3"]);
});

test("a signal ends a subscription that waits", async () => {
  const abort = new AbortController();
  const reading = drain(hubOf().subscribe({}, { signal: abort.signal }));
  abort.abort();
  expect(await reading).toEqual([]);
});

test("resuming at any id seen, at any time, neither skips nor repeats a replayable event", async () => {
  const step = fc.oneof(
    fc.constant("event" as const),
    fc.constant("progress" as const),
    fc.constant("read" as const),
    fc.constant("resume" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const hub = hubOf(100);
      let published = 0;
      let unread = 0;
      const seen: number[] = [];
      let lastId = "7-0";
      let iterator = hub.subscribe({}, { after: lastId })[Symbol.asyncIterator]();
      const read = async () => {
        const { value } = await iterator.next();
        lastId = value.id;
        if (value.type === "job.progressed") return;
        const { n } = value.data;
        seen.push(n);
        unread -= 1;
      };
      for (const what of steps) {
        if (what === "event") {
          hub.publish({ type: "a.b", data: { n: ++published } });
          unread += 1;
        } else if (what === "progress") hub.publish({ type: "job.progressed", job: "1" });
        else if (what === "read" && unread > 0) await read();
        else if (what === "resume") {
          await iterator.return?.();
          iterator = hub.subscribe({}, { after: lastId })[Symbol.asyncIterator]();
        }
      }
      while (unread > 0) await read();
      expect(seen).toEqual(Array.from({ length: published }, (_, n) => n + 1));
    }),
  );
});
