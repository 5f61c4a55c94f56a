/** What can happen at one edge of a job's state machine. */
export interface Edge {
  /** As it is journalled. */
  readonly state: string;
  /** `record-first`: journalled, then done; `done-first`: done in the disk's thread, then journalled; `one`: the record is the action, and only the memory is left to follow. */
  readonly order: "record-first" | "done-first" | "one";
  /** Whether the job only goes forward once this is journalled. */
  readonly forward: boolean;
}

/**
 * The states of a migration that switches over by itself, in order. Each is an edge from the one before; every one not
 * `forward` has an edge back.
 */
const migrationEdges = [
  { state: "prepared", order: "record-first", forward: false },
  { state: "copying", order: "record-first", forward: false },
  { state: "converging", order: "record-first", forward: false },
  { state: "stunned", order: "done-first", forward: false },
  { state: "switched", order: "one", forward: true },
  { state: "cleaned", order: "record-first", forward: true },
] as const satisfies readonly Edge[];

/** The three points of each edge at which a crash must be survived; see `Probe`. */
const points = {
  "record-first": ["before", "recorded", "done"],
  "done-first": ["before", "done", "recorded"],
  one: ["before", "recorded", "done"],
} as const satisfies Record<Edge["order"], readonly string[]>;

/** Every point, in the order in which a migration passes them. */
export const crashPoints: readonly { readonly point: string; readonly forward: boolean }[] =
  migrationEdges.flatMap(({ state, order, forward }) =>
    points[order].map((point) => ({
      point: `${state}/${point}`,
      // Before its record is durable the edge has not been taken.
      forward: forward && !(order === "one" && point === "before"),
    })),
  );
