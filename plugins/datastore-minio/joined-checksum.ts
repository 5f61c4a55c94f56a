import { crc32 } from "node:zlib";
import { SECTOR_BYTES } from "./cell.ts";

/**
 * The CRC-32 of a row of cells, out of those that the cells have: another pass over all bytes would cost as much again.
 *
 * What bytes make of a CRC is linear (over xor) in the value that it begins with. So begun with `a` and with `b` it
 * differs by what as many zeroes make of `a xor b`, whatever the bytes.
 */
export class JoinedChecksum {
  #value = 0;

  /** Of everything so far. */
  get value(): number {
    return this.#value;
  }

  /** A piece of so many sectors whose CRC-32, begun with `seed`, is `checksum`; and behind it that checksum. */
  addCell(sectors: number, checksum: number, seed: number): void {
    let differs = this.#value ^ seed;
    for (let sector = 0; sector < sectors; sector++) differs = behindSector.apply(differs);
    // Four bytes more take their place in the register before it moves on by as many.
    this.#value = ~behindChecksum.apply(~(differs ^ checksum) ^ checksum) >>> 0;
  }
}

/** What so many zeroes make of the register of a CRC-32: of each of its bytes by itself, since it is linear. */
class Zeroes {
  readonly #lowest: Uint32Array;
  readonly #second: Uint32Array;
  readonly #third: Uint32Array;
  readonly #highest: Uint32Array;

  constructor(count: number) {
    const zeroes = new Uint8Array(count);
    // zlib inverts the register at both ends.
    const tableOf = (shift: number) =>
      Uint32Array.from({ length: 256 }, (_, byte) => ~crc32(zeroes, ~(byte << shift) >>> 0));
    this.#lowest = tableOf(0);
    this.#second = tableOf(8);
    this.#third = tableOf(16);
    this.#highest = tableOf(24);
  }

  apply(register: number): number {
    const lowest = this.#lowest[register & 0xff] ?? 0;
    const second = this.#second[(register >>> 8) & 0xff] ?? 0;
    const third = this.#third[(register >>> 16) & 0xff] ?? 0;
    return lowest ^ second ^ third ^ (this.#highest[register >>> 24] ?? 0);
  }
}

const behindSector = new Zeroes(SECTOR_BYTES);
const behindChecksum = new Zeroes(4);
