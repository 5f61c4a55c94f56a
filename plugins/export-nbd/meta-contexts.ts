/** The metadata contexts by the ids under which they are answered: bits, so that a set of them is a number. */
export const Context = { allocation: 1, dirty: 2 } as const;

const names = [
  { id: Context.allocation, name: "base:allocation" },
  { id: Context.dirty, name: "pagurus:dirty" },
] as const;

export interface MetaContext {
  readonly id: number;
  readonly name: string;
}

/** The contexts that are in the set. */
export const contextsOf = (set: number): readonly MetaContext[] => names.filter(({ id }) => (set & id) !== 0);

/** LIST's answer: all without a query, and for a namespace alone all in it. */
export const listedContexts = (queries: readonly string[]): readonly MetaContext[] =>
  names.filter(
    ({ name }) =>
      queries.length === 0 || queries.some((query) => query === name || query === namespaceOf(name)),
  );

/** SET's answer: those that were asked for by name. */
export const chosenContexts = (queries: readonly string[]): readonly MetaContext[] =>
  names.filter(({ name }) => queries.includes(name));

const namespaceOf = (name: string): string => name.slice(0, name.indexOf(":") + 1);
