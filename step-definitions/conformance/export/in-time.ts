import { Refused } from "./guest-client.ts";

const DEADLINE_MS = 4000;

/** What a promise gives, or a failure that says what was promised and did not come: no scenario hangs. */
export const inTime = async <T>(promise: Promise<T>, promised: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${promised}: not within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** How a request ended that was not done: the error's name, or what ended it. */
export const endOf = (error: unknown): string => {
  if (error instanceof Refused) return error.errno;
  return `lost (${error instanceof Error ? error.message : String(error)})`;
};

/** What a request gives that must be done; fails, saying how it ended, where it isn't. */
export const done = async <T>(request: Promise<T>, what: string): Promise<T> => {
  const ended = request.catch((error: unknown) => {
    throw new Error(`${what} was to be done, and ended otherwise: ${endOf(error)}`, { cause: error });
  });
  return inTime(ended, `${what} was to be answered`);
};
