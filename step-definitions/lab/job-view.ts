import type { JsonObject } from "pagurus";

/** A job as `jobs.show` answers it; more fields by what it does. */
export interface JobView extends JsonObject {
  readonly id: string;
  readonly state: string;
  readonly phase: string;
  readonly outcome: { readonly code: string } | null;
}
