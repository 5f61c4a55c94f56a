import { z } from "../../contract/index.ts";

/** How lists are asked for. */
export const pageInput = {
  limit: z.int().min(1).max(1000).default(100).describe("how many to answer at most"),
  after: z.string().optional().describe("`next` of the page before"),
};

/** How lists answer. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().optional().describe("give it as `after` for the next page"),
  });

/** Leaves out what was not given: an absent filter is not one that must be undefined. */
export const given = <T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
