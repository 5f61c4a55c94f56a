import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./over.ts";
import { elsewhere } from "./over-files.ts";

/** What one host has noted of a layer, where all hosts find it: as if it had kept that to itself. */
export class Notes<T> {
  readonly #place: Place;
  readonly #kind: string;

  constructor(place: Place, kind: string) {
    this.#place = place;
    this.#kind = kind;
  }

  keep(layer: string, value: T): void {
    writeFileSync(this.#path(layer), JSON.stringify({ host: this.#place.dataDir, value }));
  }

  forget(layer: string): void {
    rmSync(this.#path(layer), { force: true });
  }

  /** This host's own. */
  own(layer: string): T | undefined {
    return this.#read(layer, (host) => host === this.#place.dataDir);
  }

  /** Another host's. */
  others(layer: string): T | undefined {
    return this.#read(layer, (host) => host !== this.#place.dataDir);
  }

  #read(layer: string, isWanted: (host: string) => boolean): T | undefined {
    if (!existsSync(this.#path(layer))) return undefined;
    const noted = JSON.parse(readFileSync(this.#path(layer), "utf8")) as {
      readonly host: string;
      readonly value: T;
    };
    return isWanted(noted.host) ? noted.value : undefined;
  }

  #path(layer: string): string {
    return join(elsewhere(this.#place), `${layer}.${this.#kind}`);
  }
}
