import type { Examples, GherkinDocument, Pickle, Scenario, Step } from "@cucumber/messages";

/** Where something is written, and in which words around it. */
export interface Place {
  readonly feature: string;
  /** The promise that it is about; `name` is that of its tag `@rule:…`. */
  readonly rule?: { readonly name?: string; readonly title: string };
  readonly line: number;
}

/** A row of a scenario's examples. */
interface Row {
  readonly line: number;
  /** By column, without those that the scenario's name has a place for. */
  readonly values: Readonly<Record<string, string>>;
}

const rowsOf = ({ tableHeader, tableBody }: Examples, name: string): readonly (readonly [string, Row])[] => {
  const columns = tableHeader?.cells.map(({ value }) => value) ?? [];
  return tableBody.map(({ id, location: { line }, cells }) => {
    const values = columns.map((column, index) => [column, cells[index]?.value ?? ""] as const);
    return [
      id,
      { line, values: Object.fromEntries(values.filter(([column]) => !name.includes(`<${column}>`))) },
    ];
  });
};

/** What features that were read say of the scenarios that were made of them. */
export class Places {
  readonly #scenarios = new Map<string, Place>();
  readonly #rows = new Map<string, Row>();
  readonly #keywords = new Map<string, string>();

  learn({ feature }: GherkinDocument): void {
    for (const child of feature?.children ?? []) {
      const { rule } = child;
      const tag = rule?.tags.find(({ name }) => name.startsWith("@rule:"))?.name.slice("@rule:".length);
      const promise = rule && { title: rule.name, ...(tag === undefined ? {} : { name: tag }) };
      const place = { feature: feature?.name ?? "", ...(promise ? { rule: promise } : {}) };
      for (const { background, scenario } of [child, ...(rule?.children ?? [])]) {
        this.#learnSteps(background?.steps ?? []);
        if (scenario) this.#learnScenario(scenario, place);
      }
    }
  }

  scenarioOf({ astNodeIds: [scenario = ""] }: Pickle): Place | undefined {
    return this.#scenarios.get(scenario);
  }

  /** `undefined` of a scenario without examples. */
  rowOf({ astNodeIds: [, row = ""] }: Pickle): Row | undefined {
    return this.#rows.get(row);
  }

  /** The words of each of its steps, with the keyword, by the step's id. */
  stepsOf({ steps }: Pickle): ReadonlyMap<string, string> {
    return new Map(
      steps.map(({ id, text, astNodeIds: [step = ""] }) => [id, `${this.#keywords.get(step) ?? ""}${text}`]),
    );
  }

  #learnScenario(
    { id, name, location: { line }, steps, examples }: Scenario,
    place: Omit<Place, "line">,
  ): void {
    this.#learnSteps(steps);
    this.#scenarios.set(id, { ...place, line });
    for (const table of examples) for (const [row, facts] of rowsOf(table, name)) this.#rows.set(row, facts);
  }

  #learnSteps(steps: readonly Step[]): void {
    for (const { id, keyword } of steps) this.#keywords.set(id, keyword);
  }
}
