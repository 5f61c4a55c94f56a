import { BLOCK_SECTORS, CELL_BYTES, cellBytes } from "./cell.ts";
import type { ExtentVisitor } from "./extent-map.ts";
import { LINE_BYTES } from "./line-cache.ts";
import type { MissingLine } from "./read-attempt.ts";

/** The lines in which the visited blocks lie, as far as they are wanted. */
export class WantedLines implements ExtentVisitor {
  readonly lines: MissingLine[] = [];
  readonly #wanted: (segment: number, line: number) => boolean;

  constructor(wanted: (segment: number, line: number) => boolean) {
    this.#wanted = wanted;
  }

  run(_block: number, count: number, segment: number, position: number): void {
    this.#add(segment, position, (count - 1) * CELL_BYTES + cellBytes(BLOCK_SECTORS));
  }

  fragment(_block: number, _firstSector: number, sectors: number, segment: number, position: number): void {
    this.#add(segment, position, cellBytes(sectors));
  }

  hole(): void {}

  #add(segment: number, position: number, length: number): void {
    const last = Math.floor((position + length - 1) / LINE_BYTES);
    for (let line = Math.floor(position / LINE_BYTES); line <= last; line++)
      if (this.#wanted(segment, line)) this.lines.push({ segment, line });
  }
}
