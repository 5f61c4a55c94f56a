import { Kysely } from "kysely";
import { type Catalog, type Clock, demand } from "../contract/index.ts";
import { DiskTable } from "./disk-table.ts";
import { IdempotencyTable } from "./idempotency-table.ts";
import { JobTable } from "./job-table.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { OwnerRecord } from "./owner-record.ts";
import { ReportTable } from "./report-table.ts";
import { ResourceTable } from "./resource-table.ts";
import { ScenarioTable } from "./scenario-table.ts";
import { schemaSteps } from "./schema-steps.ts";
import { Session } from "./session.ts";
import type { Tables } from "./tables.ts";
import { TokenTable } from "./token-table.ts";

/**
 * The control plane's memory. Whatever a method resolved with is durable. Calls may overlap: writes are serialised.
 * Any of them may reject with `catalog-unavailable` or `catalog-damaged`.
 */
export interface Store {
  /** Grows by one each time the catalog is opened. */
  readonly boot: number;
  readonly disks: DiskTable;
  readonly ownerRecord: OwnerRecord;
  readonly jobs: JobTable;
  readonly resources: ResourceTable;
  readonly idempotency: IdempotencyTable;
  readonly tokens: TokenTable;
  readonly reports: ReportTable;
  readonly scenarios: ScenarioTable;
  /** Ends after the writes under way; closes the connection, not the catalog's lock. */
  close(): Promise<void>;
}

/**
 * Opens a catalog that was started and locked, and brings its tables up to date. `catalog-newer`; `capability-missing`
 * where it isn't `durable`: disks whose owners could be forgotten are opened by nobody.
 */
export const openStore = async (catalog: Catalog, { clock }: { readonly clock: Clock }): Promise<Store> => {
  demand(catalog, "durable");
  const db = new Kysely<Tables>({ dialect: catalog.dialect() });
  const session = new Session(db, catalog.location);
  try {
    await session.migrate(schemaSteps);
    const boot = await nextBoot(session);
    return {
      boot,
      disks: new DiskTable(session, clock),
      ownerRecord: new OwnerRecord(session, clock),
      jobs: new JobTable(session, clock),
      resources: new ResourceTable(session, clock),
      idempotency: new IdempotencyTable(session, boot),
      tokens: new TokenTable(session, clock),
      reports: new ReportTable(session),
      scenarios: new ScenarioTable(session),
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
};

const nextBoot = (session: Session): Promise<number> =>
  session.write(async (trx) => {
    const boot = ((await readMeta(trx, "boot")) ?? 0) + 1;
    await writeMeta(trx, "boot", boot);
    return boot;
  });
