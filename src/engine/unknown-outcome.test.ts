import { afterEach, expect, test } from "vitest";
import { type CommitFate, losingCatalog, type SeenCommit } from "../testing/losing-catalog.ts";
import { TestEngine, type TestEngineOptions } from "./testing/test-engine.ts";

let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

/** What the catalog makes of each commit; a test replaces it. */
interface Catalog {
  fate: (commit: SeenCommit) => CommitFate;
}
const begin = async (options: TestEngineOptions = {}) => {
  const catalog: Catalog = { fate: () => "deliver" };
  const started = await TestEngine.start({
    ...options,
    throughCatalog: (inner) => losingCatalog(inner, (commit) => catalog.fate(commit)),
  });
  engine = started;
  return { started, catalog };
};

const isSwitch = ({ queries }: SeenCommit) =>
  queries.some(({ parameters }) => parameters.includes("switched")) &&
  queries.some(({ sql }) => sql.startsWith('update "disk" set'));
const isAbandonment = ({ queries }: SeenCommit) =>
  queries.some(({ sql, parameters }) => sql.startsWith("insert") && parameters.includes("abandoned"));

/** The first commit that fits gets the fate. */
const once = (fits: (commit: SeenCommit) => boolean, fate: CommitFate) => {
  let left = 1;
  return (commit: SeenCommit): CommitFate => (fits(commit) && left-- > 0 ? fate : "deliver");
};

test.each([0, 1])(
  "a commit whose answer was lost after it happened: the guest goes on at the target (threads: %i)",
  async (diskThreads) => {
    const { started, catalog } = await begin({ diskThreads });
    await started.create("web");
    const client = await started.connect("web");
    await client.write(0, Buffer.alloc(4096, 1), { fua: true });
    catalog.fate = once(isSwitch, "lose");
    const job = await started.ended(await started.move(["web"]));
    expect(job).toMatchObject({ state: "succeeded", outcome: { code: "ok" }, attempts: 1, warnings: [] });
    expect(await started.disk("web")).toMatchObject({ datastore: "archive", epoch: 2 });
    await client.write(4096, Buffer.alloc(4096, 2), { fua: true });
    expect(
      (await client.read(0, 8192)).equals(Buffer.concat([Buffer.alloc(4096, 1), Buffer.alloc(4096, 2)])),
    ).toBe(true);
    expect(await started.files("fast")).toEqual([]);
  },
);

test("a commit that never happened: abandoned by a write, the guest goes on at the source, the next attempt succeeds", async () => {
  const { started, catalog } = await begin();
  await started.create("web");
  const client = await started.connect("web");
  await client.write(0, Buffer.alloc(4096, 1), { fua: true });
  catalog.fate = once(isSwitch, "refuse");
  const held = started.holds.at("stunned/before");
  const moving = await started.move(["web"]);
  await held.reached;
  const second = started.holds.at("stunned/before");
  held.goOn();
  // Between the attempts the guest is at the source, whose record has a new epoch.
  await second.reached;
  expect(await started.disk("web")).toMatchObject({ datastore: "fast", epoch: 2 });
  await client.write(4096, Buffer.alloc(4096, 2), { fua: true });
  second.goOn();
  const job = await started.ended(moving);
  expect(job).toMatchObject({ state: "succeeded", attempts: 2, moves: [{ epochBefore: 2, epochAfter: 3 }] });
  expect(await started.disk("web")).toMatchObject({ datastore: "archive", epoch: 3 });
  expect(
    (await client.read(0, 8192)).equals(Buffer.concat([Buffer.alloc(4096, 1), Buffer.alloc(4096, 2)])),
  ).toBe(true);
});

/** Everything that is committed from now on fails until it ends. */
const outage = (from: (commit: SeenCommit) => boolean, fate: CommitFate) => {
  const state = { begun: false, ended: false };
  return {
    state,
    fate: (commit: SeenCommit): CommitFate => {
      if (state.ended) return "deliver";
      if (state.begun) return "refuse";
      if (!from(commit)) return "deliver";
      state.begun = true;
      return fate;
    },
  };
};

test.each([
  { fate: "lose", happened: true },
  { fate: "refuse", happened: false },
] as const)(
  "the catalog is away from the commit on ($fate): the guest waits, goes on when it is back, and the pause is told as it was",
  async ({ fate, happened }) => {
    const { started, catalog } = await begin();
    await started.create("web");
    const client = await started.connect("web");
    const away = outage(isSwitch, fate);
    catalog.fate = away.fate;
    const unknown = started.holds.at("switched/unknown");
    const moving = await started.move(["web"], { maxPauseMs: 1000 });
    await unknown.reached;
    const heldSince = performance.now();
    let answered = false;
    const written = client.write(0, Buffer.alloc(4096, 7), { fua: true }).then(() => {
      answered = true;
    });
    // A second try meets the outage as well.
    const again = started.holds.at("switched/unknown");
    unknown.goOn();
    await again.reached;
    expect(answered).toBe(false);
    // All of this the guest was held, and more.
    const heldMs = performance.now() - heldSince;
    away.state.ended = true;
    again.goOn();
    await written;
    const job = await started.ended(moving);
    expect(job).toMatchObject({ state: "succeeded", attempts: happened ? 1 : 2, warnings: [] });
    expect(job.pauseMs).toBeGreaterThan(heldMs - 1);
    expect(await started.disk("web")).toMatchObject({ datastore: "archive", epoch: happened ? 2 : 3 });
    expect((await client.read(0, 4096)).equals(Buffer.alloc(4096, 7))).toBe(true);
  },
);

test("an abandonment whose own answer was lost is settled by the next one", async () => {
  const { started, catalog } = await begin();
  await started.create("web");
  const refuseSwitch = once(isSwitch, "refuse");
  const loseAbandonment = once(isAbandonment, "lose");
  catalog.fate = (commit) => (isSwitch(commit) ? refuseSwitch(commit) : loseAbandonment(commit));
  const job = await started.ended(await started.move(["web"]));
  expect(job).toMatchObject({ state: "succeeded", attempts: 2 });
  expect(await started.disk("web")).toMatchObject({ datastore: "archive", epoch: 3 });
});

test.each(["lose", "refuse"] as const)(
  "two disks: an unknown outcome (%s) is all or nothing",
  async (fate) => {
    const { started, catalog } = await begin({ diskThreads: 2 });
    for (const name of ["log", "data"]) await started.create(name);
    catalog.fate = once(isSwitch, fate);
    const unknown = started.holds.at("switched/unknown");
    const moving = await started.move(["log", "data"], { maxPauseMs: 1000 });
    await unknown.reached;
    const places = async () => [
      (await started.disk("log")).datastore,
      (await started.disk("data")).datastore,
    ];
    expect(await places()).toEqual(fate === "lose" ? ["archive", "archive"] : ["fast", "fast"]);
    unknown.goOn();
    expect(await started.ended(moving)).toMatchObject({
      state: "succeeded",
      attempts: fate === "lose" ? 1 : 2,
    });
    expect(await places()).toEqual(["archive", "archive"]);
  },
);

test.each(["lose", "refuse"] as const)(
  "a server that stops before it is settled (%s) lets nobody go on; the next start knows",
  async (fate) => {
    const { started, catalog } = await begin();
    await started.create("web");
    const client = await started.connect("web");
    await client.write(0, Buffer.alloc(4096, 1), { fua: true });
    const away = outage(isSwitch, fate);
    catalog.fate = away.fate;
    const unknown = started.holds.at("switched/unknown");
    const moving = await started.move(["web"], { maxPauseMs: 1000 });
    await unknown.reached;
    const late = client.write(0, Buffer.alloc(4096, 2), { fua: true }).then(
      () => "answered",
      () => "never answered",
    );
    const stopping = started.created.engine.close();
    unknown.goOn();
    await stopping;
    expect(await late).toBe("never answered");
    const restarted = await TestEngine.start({ folder: started.folder });
    engine = restarted;
    const job = await restarted.ended(moving);
    expect(job).toMatchObject(
      fate === "lose" ? { state: "succeeded" } : { state: "failed", outcome: { code: "interrupted" } },
    );
    expect(await restarted.disk("web")).toMatchObject({ datastore: fate === "lose" ? "archive" : "fast" });
    const reader = await restarted.connect("web");
    expect((await reader.read(0, 4096)).equals(Buffer.alloc(4096, 1))).toBe(true);
    expect(await restarted.files(fate === "lose" ? "fast" : "archive")).toEqual([]);
  },
);

test("a catalog that is away while the job ends costs the job nothing but time", async () => {
  const { started, catalog } = await begin();
  await started.create("web");
  const ending = started.holds.at("ended/before");
  const moving = await started.move(["web"]);
  await ending.reached;
  let refused = 0;
  catalog.fate = () => (refused++ < 2 ? "refuse" : "deliver");
  ending.goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
  expect((await started.disk("web")).migration).toBeUndefined();
});

test("a catalog that is away while the job finishes doesn't leave it half done", async () => {
  const { started, catalog } = await begin();
  await started.create("web");
  const cleaning = started.holds.at("cleaned/before");
  const moving = await started.move(["web"]);
  await cleaning.reached;
  let refused = 0;
  catalog.fate = () => (refused++ < 1 ? "refuse" : "deliver");
  cleaning.goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
  expect(await started.files("fast")).toEqual([]);
});

test("a job whose making was not answered holds no disk for ever", async () => {
  const { started, catalog } = await begin();
  await started.create("web");
  catalog.fate = once(
    ({ queries }) => queries.some(({ sql }) => sql.startsWith('insert into "job"')),
    "lose",
  );
  await expect(started.move(["web"])).rejects.toMatchObject({ code: "catalog-unavailable" });
  await started.until({}, async () => {
    const { items } = await started.call<{ items: { state: string }[] }>("jobs.list", {});
    return items.every(({ state }) => state === "failed");
  });
  expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
});
