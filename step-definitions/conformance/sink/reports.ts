import type { Json, Observation, Report } from "pagurus";

const observation = (code: string, causes: readonly Observation[] = [], data = {}): Observation => ({
  code,
  data,
  task: "copy",
  at: 1_700_000_000_000,
  causes,
});

/** The report number `index` of a scenario: found again by its id, which nothing else holds. */
export const reportOf = (index: number, parts: Partial<Report>): Report => ({
  id: `rep-under-test-${String(index).padStart(3, "0")}-end`,
  at: 1_700_000_000_000 + index,
  task: "migrations.start",
  disks: [`disk-${index}`],
  sentence: `Disk ${index} could not be moved: the datastore is full. Free space there.`,
  rootCode: "no-space",
  chain: observation("task-failed", [observation("no-space", [], { neededBytes: index })]),
  ...parts,
});

/** What most reports are of; those of calls have no job. */
export const ofJob: Partial<Report> = { job: "job-7" };
export const ofCall: Partial<Report> = {};

/** The same in everything but the id. */
export const alike: Partial<Report> = {
  at: 0,
  job: "job",
  disks: ["disk"],
  sentence: "Full.",
  chain: observation("x"),
};

const nested = (depth: number): Observation =>
  observation(`level-${depth}`, depth === 1 ? [] : [nested(depth - 1)]);

const everywhere = (text: string): Partial<Report> => ({
  task: text,
  job: text,
  disks: [text],
  sentence: text,
  chain: observation("no-space", [], { disk: text, [text]: text }),
});

/** All but NUL. */
const controls = String.fromCharCode(
  ...Array.from({ length: 31 }, (_, code) => code + 1),
  0x7f,
  0x85,
  0x2028,
);

/** What a disk's name, or a program's error text, could do to whoever writes it down. */
export const forging: Partial<Report> = everywhere(`web\nforged one\r\nforged two\rforged three${controls}`);

/** What reports may say, within what the engine lets through. */
export const hostileReports: ReadonlyMap<string, Partial<Report>> = new Map(
  Object.entries<Partial<Report>>({
    "half a surrogate pair": everywhere("disk \ud83d and \udc00"),
    "control characters": everywhere(controls),
    "a sentence of 64 KiB": { ...ofJob, sentence: "long ".repeat(13_000) },
    "32 causes below one another": { ...ofJob, chain: nested(32) },
    "200 causes beside each other": {
      ...ofJob,
      chain: observation(
        "task-failed",
        Array.from({ length: 200 }, (_, index) => observation(`cause-${index}`)),
      ),
    },
    "data named like __proto__": {
      ...ofJob,
      chain: observation(
        "no-space",
        [],
        JSON.parse('{"__proto__":{"toJSON":1},"toJSON":"text","constructor":null}'),
      ),
      details: JSON.parse('{"__proto__":[],"toJSON":"text"}') as Json,
    },
    "no disk and empty texts": { task: "", disks: [], sentence: "", rootCode: "", job: "" },
  }),
);
