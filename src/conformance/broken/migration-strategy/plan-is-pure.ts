import { CodedError } from "pagurus";
import { broken } from "./over.ts";

/** Takes what it is asked about for what it is to do, and refuses to do it twice. */
export default broken(() => {
  const planned = new Set<string>();
  return {
    plan({ disk }) {
      if (planned.has(disk)) throw new CodedError("migration-running", { disk, job: "planned before" });
      planned.add(disk);
    },
  };
});
