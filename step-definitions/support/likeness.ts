/** Of `whole` only what `part` has too, at every depth. */
export const likeness = (whole: unknown, part: unknown): unknown => {
  if (typeof part !== "object" || part === null || typeof whole !== "object" || whole === null) return whole;
  const found = new Map(Object.entries(whole));
  const values = Object.entries(part).map(([key, value]) => [key, likeness(found.get(key), value)] as const);
  return Array.isArray(part) ? values.map(([, value]) => value) : Object.fromEntries(values);
};
