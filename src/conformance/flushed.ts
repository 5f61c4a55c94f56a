/**
 * Resolves when whoever watches this process has been sent all that was told so far: a scenario that then blocks it is
 * known to have begun.
 */
export const flushed = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send({ flushed: true }, undefined, undefined, () => resolve());
    else resolve();
  });
