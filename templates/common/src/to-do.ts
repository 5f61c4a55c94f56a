import { CodedError } from "pagurus";

/** Fails with what to write next. Delete this file with the last call. */
export const toDo = (method: string, next: string): never => {
  throw new CodedError("not-implemented", { method, next });
};
