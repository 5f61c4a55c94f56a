import type { Report } from "../contract/index.ts";
import { type Page, type PageOptions, pageOf, rowsFor } from "./page.ts";
import type { Session } from "./session.ts";

/** The failures that reached the top. */
export class ReportTable {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  insert(report: Report): Promise<void> {
    const { id, job = null } = report;
    return this.#session.write(async (trx) => {
      await trx
        .insertInto("report")
        .values({ id, job, body: JSON.stringify(report) })
        .execute();
      for (const disk of new Set(report.disks))
        await trx.insertInto("report_disk").values({ disk, report: id }).execute();
    });
  }

  get(id: string): Promise<Report | undefined> {
    return this.#session.read(
      (db) => db.selectFrom("report").select("body").where("id", "=", id).executeTakeFirst(),
      (row) => row && parseReport(row.body),
    );
  }

  /** Newest first. `disk` is what the reports themselves call it. */
  list(options: PageOptions & { readonly job?: string; readonly disk?: string } = {}): Promise<Page<Report>> {
    const { after, job, disk } = options;
    return this.#session.read(
      (db) =>
        db
          .selectFrom("report")
          .select(["id", "body"])
          .$if(after !== undefined, (query) => query.where("id", "<", after ?? ""))
          .$if(job !== undefined, (query) => query.where("job", "=", job ?? ""))
          .$if(disk !== undefined, (query) =>
            query.where("id", "in", (reports) =>
              reports
                .selectFrom("report_disk")
                .select("report")
                .where("disk", "=", disk ?? ""),
            ),
          )
          .orderBy("id", "desc")
          .limit(rowsFor(options))
          .execute(),
      (rows) => pageOf(rows, options, { item: ({ body }) => parseReport(body), cursor: ({ id }) => id }),
    );
  }
}

const parseReport = (body: string): Report => JSON.parse(body) as Report;
