import type { StoreUsage } from "../contract/index.ts";

/** Finer than any currency; what adding up prices leaves behind is below it. */
const PRICE_DIGITS = 9;

/** What was asked of a store since it was `before`. */
export const usageSince = (before: StoreUsage, now: StoreUsage): StoreUsage =>
  combined(before, now, (earlier, later) => later - earlier);

/** All of them together; a price only where each has one in the same currency. */
export const usageOfAll = ([first, ...others]: readonly StoreUsage[]): StoreUsage | undefined =>
  others.reduce((sum, each) => sum && combined(sum, each, (one, other) => one + other), first);

const combined = (
  one: StoreUsage,
  other: StoreUsage,
  both: (one: number, other: number) => number,
): StoreUsage => {
  const kinds = new Set([...Object.keys(one.requests), ...Object.keys(other.requests)]);
  const requests = [...kinds].map((kind) => [kind, both(one.requests[kind] ?? 0, other.requests[kind] ?? 0)]);
  const currency = one.price?.currency;
  const amount = both(one.price?.amount ?? 0, other.price?.amount ?? 0);
  const priced = currency !== undefined && currency === other.price?.currency;
  return {
    requests: Object.fromEntries(requests),
    bytesSent: both(one.bytesSent, other.bytesSent),
    bytesReceived: both(one.bytesReceived, other.bytesReceived),
    price: priced ? { amount: Number(amount.toFixed(PRICE_DIGITS)), currency } : null,
  };
};
