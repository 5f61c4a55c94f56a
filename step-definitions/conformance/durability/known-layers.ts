import type { DatastoreTask, TaskMark } from "pagurus/conformance";
import { KnownLayer } from "./known-layer.ts";

/** What is known of all layers that a process was asked about. */
export class KnownLayers {
  readonly #layers = new Map<string, KnownLayer>();

  static after(marks: readonly TaskMark[], tasks: readonly DatastoreTask[]): KnownLayers {
    const known = new KnownLayers();
    for (const { event, number } of marks) {
      const task = tasks[number];
      if (task === undefined || !("layer" in task)) continue;
      if (event === "asked") known.of(task.layer).asked(number, task);
      if (event === "answered") known.of(task.layer).answered(number, task);
    }
    return known;
  }

  get all(): readonly KnownLayer[] {
    return [...this.#layers.values()];
  }

  of(name: string): KnownLayer {
    const layer = this.#layers.get(name) ?? new KnownLayer(name);
    this.#layers.set(name, layer);
    return layer;
  }
}
