import { constants } from "node:fs";
import { access, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../../src/contract/index.ts";
import { quantityText } from "../../src/observations/quantity.ts";
import { refuse } from "../options.ts";
import type { Undo } from "./undo.ts";

/** A folder to measure in, on a file system of a known kind. */
export interface Place {
  /** The file system's name; with its folder where two places have the same. */
  readonly name: string;
  readonly folder: string;
  readonly inMemory: boolean;
  readonly freeBytes: number;
}

const TMPFS = 0x01021994;
const names: ReadonlyMap<number, string> = new Map([
  [TMPFS, "tmpfs"],
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x2fc12fc1, "zfs"],
  [0x794c7630, "overlayfs"],
  [0x6969, "nfs"],
]);

/** Makes a fresh folder in each place, gone with `undo`. */
export const makePlaces = async (folders: readonly string[], undo: Undo): Promise<readonly Place[]> => {
  const places: Place[] = [];
  for (const folder of folders.length > 0 ? folders : ["/dev/shm", tmpdir()]) {
    const place = await makePlace(folder, undo);
    const twin = places.some(({ name }) => name === place.name);
    places.push(twin ? { ...place, name: `${place.name} ${folder}` } : place);
  }
  return places;
};

const makePlace = async (folder: string, undo: Undo): Promise<Place> => {
  try {
    await access(folder, constants.W_OK);
    const { type, bavail, bsize } = await statfs(folder);
    const made = await mkdtemp(join(folder, "pagurus-bench-"));
    undo.add(() => rm(made, { recursive: true, force: true }));
    return {
      name: names.get(type) ?? `file system ${type.toString(16)}`,
      folder: made,
      inMemory: type === TMPFS,
      freeBytes: bavail * bsize,
    };
  } catch (error) {
    throw refuse(`The folder ${folder} can't be measured in: ${reasonOf(error)}`);
  }
};

/** Refuses a place that can't hold what will be written there. */
export const demandSpace = ({ folder, freeBytes }: Place, neededBytes: number): void => {
  if (freeBytes < neededBytes)
    throw refuse(
      `${folder} has ${quantityText("bytes", freeBytes)} free, and this bench needs ${quantityText("bytes", neededBytes)}: give another --folder, or --quick`,
    );
};
