import { overTables } from "./over.ts";

const OURS = ["meta", "disk", "job", "job_disk", "job_entry", "job_step", "resource", "idempotency"];
const ALSO_OURS = ["token", "report", "report_disk", "scenario_result", "later"];

/** Lists the tables that it knows to be a server's, and no others. */
export default overTables((sound) => ({
  async getTables(options) {
    const tables = await sound.getTables(options);
    return tables.filter(({ name }) => [...OURS, ...ALSO_OURS].includes(name));
  },
}));
