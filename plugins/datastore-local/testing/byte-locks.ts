import type { LockRange } from "pagurus/native";

/** Locks on bytes of one file by those who have it open, gone when they close it. */
export class ByteLocks {
  readonly #held = new Map<number, Map<object, LockRange["kind"]>>();

  lockable(holder: object, { kind, offset, length }: LockRange): boolean {
    for (let byte = offset; byte < offset + length; byte++)
      for (const [other, held] of this.#held.get(byte) ?? [])
        if (other !== holder && (kind === "exclusive" || held === "exclusive")) return false;
    return true;
  }

  lock(holder: object, range: LockRange): boolean {
    if (!this.lockable(holder, range)) return false;
    for (let byte = range.offset; byte < range.offset + range.length; byte++)
      this.#held.set(byte, new Map(this.#held.get(byte)).set(holder, range.kind));
    return true;
  }

  release(holder: object): void {
    for (const holders of this.#held.values()) holders.delete(holder);
  }
}
