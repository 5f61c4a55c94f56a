import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { CodedError } from "../contract/index.ts";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const hostOf = (header: string | undefined, url: string): string =>
  (header ?? new URL(url).host).toLowerCase();

/**
 * Answers only to names of this machine and to those configured (`name` or `name:port`): a page that has its own
 * name resolve to this address (DNS rebinding) is refused.
 */
export const hostGuard = (allowed: readonly string[]): MiddlewareHandler => {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return async function hostGuard(c, next) {
    const host = hostOf(c.req.header("host"), c.req.url);
    const name = host.replace(/:\d+$/, "");
    if (!LOOPBACK.test(name) && !names.has(name) && !names.has(host))
      throw new CodedError("host-refused", { host });
    await next();
  };
};

/** Pages of this very origin and of those configured may call; others are refused before anything is done. */
export const originGuard = (allowed: readonly string[]): MiddlewareHandler => {
  const answer = cors({
    origin: [...allowed],
    allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
    exposeHeaders: ["Location", "Idempotency-Replayed", "Retry-After", "X-Request-Id"],
  });
  return async function originGuard(c, next) {
    const origin = c.req.header("origin");
    if (origin === undefined || isSame(origin, hostOf(c.req.header("host"), c.req.url))) return next();
    if (!allowed.includes(origin)) throw new CodedError("origin-refused", { origin });
    return answer(c, next);
  };
};

const isSame = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host === host && /^https?:/.test(origin);
