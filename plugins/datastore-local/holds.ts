import type { LockRange } from "pagurus/native";
import type { OpenFile } from "./files.ts";

/** What somebody does with a layer's image. One writer and any readers go together; a remover is alone. */
export type Role = "writer" | "reader" | "remover";

/**
 * QEMU's image locks: a shared lock on byte 100+i says "I use permission i", on 200+i "I don't share permission i";
 * 0 consistent read, 1 write, 2 write unchanged, 3 resize. We use all four and share neither writing nor resizing.
 */
const used = [0, 1, 2, 3].map((permission) => 100 + permission);
const unshared = [1, 3].map((permission) => 200 + permission);
/** Held by others, these would contradict what we use and what we don't share. */
const conflicting = [...[0, 1, 2, 3].map((permission) => 200 + permission), 101, 103];

/** Our own bytes, beyond QEMU's. */
const WRITER_BYTE = 300;
const READERS_BYTE = 301;

const byte = (kind: LockRange["kind"], offset: number): LockRange => ({ kind, offset, length: 1 });

const own: Readonly<Record<Role, readonly LockRange[]>> = {
  writer: [byte("exclusive", WRITER_BYTE)],
  reader: [byte("shared", READERS_BYTE)],
  remover: [byte("exclusive", WRITER_BYTE), byte("exclusive", READERS_BYTE)],
};

/**
 * Takes the image for the role until its file is closed. Answers who is in the way, `unsupported` where the file
 * system has no such locks, or nothing when it is taken.
 */
export const take = (file: OpenFile, role: Role): "Pagurus" | "QEMU" | "unsupported" | undefined => {
  for (const range of own[role]) {
    const locked = file.lock(range);
    if (locked !== true) return locked === false ? "Pagurus" : "unsupported";
  }
  if (role === "reader") return undefined;
  for (const offset of [...used, ...unshared]) if (file.lock(byte("shared", offset)) !== true) return "QEMU";
  // Asked only after ours are held: of two who come at once, each then sees the other.
  return conflicting.every((offset) => file.lockable(byte("exclusive", offset)) === true)
    ? undefined
    : "QEMU";
};

/** Who has which layer open through one instance: all that parts them where the kernel's locks can't be had. */
export class OpenLayers {
  readonly #rolesByLayer = new Map<string, Role[]>();

  /** Whether the role is free; if so it is taken until the answer is called. */
  take(layer: string, role: Role): (() => void) | undefined {
    const roles = this.#rolesByLayer.get(layer) ?? [];
    const excluded =
      role === "remover"
        ? roles.length > 0
        : roles.includes("remover") || (role === "writer" && roles.includes("writer"));
    if (excluded) return undefined;
    this.#rolesByLayer.set(layer, [...roles, role]);
    return () => this.#release(layer, role);
  }

  #release(layer: string, role: Role): void {
    const roles = this.#rolesByLayer.get(layer) ?? [];
    const rest = roles.toSpliced(roles.indexOf(role), 1);
    if (rest.length > 0) this.#rolesByLayer.set(layer, rest);
    else this.#rolesByLayer.delete(layer);
  }
}
