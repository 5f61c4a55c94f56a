import type { BlockSizes, Catalog, Clock, Json, JsonObject, LayerRef, Report } from "../contract/index.ts";

/** One page of a list. `next` goes into `after` for the page behind it; absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
export interface PageOptions {
  readonly limit?: number;
  readonly after?: string;
}

export interface DiskRow {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly state: "creating" | "available" | "removing";
  readonly epoch: number;
  /** The active layer. */
  readonly layer: LayerRef;
  readonly createdAt: number;
  /** The job that holds it. */
  readonly job: string | null;
}
export interface NewDisk {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly layer: LayerRef;
}
/** An idempotency key that was begun before, to be answered in the same transaction as an insert. */
export interface KeyAnswer {
  readonly key: string;
  readonly token: string | null;
  readonly answer: Json;
}
export interface DiskTable {
  /** State `creating`, epoch 1. `disk-exists`. */
  insert(disk: NewDisk, options?: { readonly idempotency?: KeyAnswer }): Promise<DiskRow>;
  /** `disk-not-found`; to `removing` while a job holds it: `migration-running`. */
  setState(id: string, state: DiskRow["state"]): Promise<void>;
  get(id: string): Promise<DiskRow | undefined>;
  find(nameOrId: string): Promise<DiskRow | undefined>;
  /** By name. */
  list(options?: PageOptions): Promise<Page<DiskRow>>;
  /** Removes the row; its name is free again. */
  forget(id: string): Promise<void>;
  /** All or none, for a job that exists and has not ended: `disk-not-found`, `disk-in-use`, `migration-running`. */
  claim(ids: readonly string[], job: string): Promise<void>;
  release(job: string): Promise<void>;
}

export interface OwnerRecord {
  /** One transaction: `commit-refused`, `job-not-found`, `job-ended`. Any other error: the outcome is unknown. */
  commitSwitchOver(commit: {
    readonly job: string;
    readonly moves: readonly {
      readonly disk: string;
      readonly expectedEpoch: number;
      readonly layer: LayerRef;
    }[];
    readonly record: JsonObject;
  }): Promise<void>;
  /** Settles an unknown outcome by a write; may be repeated until it answers. `commit-refused`. */
  abandonSwitchOver(attempt: {
    readonly job: string;
    readonly moves: readonly { readonly disk: string; readonly expectedEpoch: number }[];
  }): Promise<"abandoned" | "switched">;
}

export interface JobRow {
  readonly id: string;
  readonly function: string;
  readonly input: JsonObject;
  /** Ids. */
  readonly disks: readonly string[];
  readonly state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  /** The last journal entry's state; empty before the first. */
  readonly phase: string;
  readonly outcome: { readonly code: string } | null;
  readonly result: JsonObject | null;
  readonly progress: JsonObject | null;
  readonly report: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly cancelRequested: boolean;
}
export interface NewJob {
  readonly id: string;
  readonly function: string;
  readonly input: JsonObject;
  readonly disks: readonly string[];
}
export interface JobEnd {
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly outcome?: { readonly code: string } | null;
  readonly result?: JsonObject | null;
  readonly progress?: JsonObject | null;
  readonly report?: string | null;
}
export interface JobEntry {
  readonly seq: number;
  readonly state: string;
  readonly data: JsonObject | null;
  readonly at: number;
}
export interface JobStep {
  readonly name: string;
  readonly answer: Json;
}
export interface JobTable {
  /** `claim`: holds the job's disks in the same transaction, as `disks.claim` does. */
  insert(
    job: NewJob,
    options?: { readonly claim?: boolean; readonly idempotency?: KeyAnswer },
  ): Promise<JobRow>;
  start(id: string): Promise<void>;
  /** Appends; durable when it resolves. `job-not-found`, `job-ended`. */
  journal(id: string, state: string, data?: JsonObject): Promise<void>;
  entries(id: string): Promise<readonly JobEntry[]>;
  /** `job-not-found`, `job-ended`. */
  requestCancel(id: string): Promise<void>;
  /** Ends it and releases its disks in one transaction. Again with the same state: nothing; else `job-ended`. */
  end(id: string, end: JobEnd): Promise<void>;
  get(id: string): Promise<JobRow | undefined>;
  /** Newest first. */
  list(
    options?: PageOptions & {
      readonly function?: string;
      readonly disk?: string;
      readonly state?: JobRow["state"];
    },
  ): Promise<Page<JobRow>>;
  /** Oldest first. */
  unended(): Promise<readonly JobRow[]>;
  /** Keeps the answer of a step; the first one stays. */
  stepDone(job: string, name: string, answer: Json): Promise<void>;
  /** In the order in which they were done. */
  steps(job: string): Promise<readonly JobStep[]>;
}

export interface ResourceRow {
  readonly id: string;
  readonly kind: string;
  readonly ref: JsonObject;
  readonly job: string | null;
  readonly disk: string | null;
  readonly createdAt: number;
}
export interface ResourceTable {
  /** Durable when it resolves: only then may the resource be created. */
  record(resource: {
    readonly kind: string;
    readonly ref: JsonObject;
    readonly job?: string;
    readonly disk?: string;
  }): Promise<string>;
  /** The resource, or all of a job's, belong to the disk from now on and to no job. */
  adopt(which: { readonly id: string } | { readonly job: string }, disk: string): Promise<void>;
  forget(id: string): Promise<void>;
  /** Oldest first. */
  list(filter?: {
    readonly job?: string;
    readonly disk?: string;
    readonly kind?: string;
  }): Promise<readonly ResourceRow[]>;
}

export type KeyState =
  | { readonly state: "new" }
  | { readonly state: "running" }
  | { readonly state: "done"; readonly answer: Json }
  | { readonly state: "conflict" };
export interface IdempotencyTable {
  /** A key that an earlier boot began and never answered is `new`; one used with another input is a `conflict`. */
  begin(call: {
    readonly key: string;
    readonly token: string | null;
    readonly function: string;
    readonly inputHash: string;
    readonly at: number;
  }): Promise<KeyState>;
  finish(key: string, token: string | null, answer: Json): Promise<void>;
  /** The call failed: the key is free again. A key that has its answer stays. */
  drop(key: string, token: string | null): Promise<void>;
  /** Forgets keys begun before `olderThan` (ms), except those whose call is running. */
  prune(olderThan: number): Promise<void>;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly permissions: readonly string[];
  readonly createdAt: number;
}
export interface TokenTable {
  insert(token: {
    readonly id: string;
    readonly hash: string;
    readonly permissions: readonly string[];
    readonly name: string;
  }): Promise<void>;
  findByHash(hash: string): Promise<TokenRow | undefined>;
  list(): Promise<readonly TokenRow[]>;
  remove(id: string): Promise<void>;
}

export interface ReportTable {
  insert(report: Report): Promise<void>;
  get(id: string): Promise<Report | undefined>;
  /** Newest first. */
  list(options?: PageOptions & { readonly job?: string; readonly disk?: string }): Promise<Page<Report>>;
}

/** The control plane's memory. Whatever a promise of it resolved with is durable. */
export interface Store {
  /** Grows by one at each open. */
  readonly boot: number;
  readonly disks: DiskTable;
  readonly ownerRecord: OwnerRecord;
  readonly jobs: JobTable;
  readonly resources: ResourceTable;
  readonly idempotency: IdempotencyTable;
  readonly tokens: TokenTable;
  readonly reports: ReportTable;
  close(): Promise<void>;
}

/** On a catalog that is started and locked; brings its schema up to date. `catalog-newer`, `catalog-damaged`. */
export declare function openStore(catalog: Catalog, options: { readonly clock: Clock }): Promise<Store>;
/** A fresh id, such as `dsk-…`: time-ordered, of [a-z0-9-], never used twice. */
export declare function newId(prefix: string): string;
/** A fresh bearer token. */
export declare function makeToken(): string;
/** What is kept of a token. */
export declare function hashToken(token: string): string;
