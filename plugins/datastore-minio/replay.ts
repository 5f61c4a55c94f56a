import type { ExtentMap } from "./extent-map.ts";
import { visitRecords } from "./records.ts";
import type { SegmentIndex } from "./segment-index.ts";

/** Does to the map what the segment did when it was written; false where its records tell what can't be. */
export const replay = (
  map: ExtentMap,
  { kind, number, records, cellBytes }: Pick<SegmentIndex, "kind" | "number" | "records" | "cellBytes">,
): boolean => {
  if (kind === "segment") map.add(number, cellBytes);
  return visitRecords(records, cellBytes, {
    run(block, count, position, from) {
      if (from) map.relocate(block, count, from, { segment: number, position });
      else map.put(block, count, number, position);
    },
    fragment(block, firstSector, sectors, position, from) {
      const to = { segment: number, position };
      if (from) map.relocateFragment(block, firstSector, sectors, from, to);
      else map.putFragment(block, firstSector, sectors, number, position);
    },
    hole: (block, count) => map.remove(block, count),
  });
};
