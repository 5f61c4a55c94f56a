/** The object itself, whatever it can do, but for these members of it. */
export const withOther = <T extends object>(object: T, others: Partial<T>): T =>
  new Proxy(object, {
    get(target, key) {
      // Of the object that has it: its private parts are its own.
      const found: unknown = Reflect.get(key in others ? others : target, key);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
