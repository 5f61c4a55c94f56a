/** The object but for these; its own methods call its own. */
export const changed = <T extends object>(sound: T, changes: Partial<T>): T =>
  new Proxy(sound, {
    get(target, key) {
      const holder = key in changes ? changes : target;
      const value: unknown = Reflect.get(holder, key);
      return typeof value === "function" ? value.bind(holder) : value;
    },
  });
