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
