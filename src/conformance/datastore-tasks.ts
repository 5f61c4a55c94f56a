import { accessSync } from "node:fs";
import type { Stamp } from "../contract/points/layer.ts";
import type { PluginRequest } from "./plugin-under-test.ts";

/** What another process can be asked to do with a datastore. Bytes are told by the `mark` that each sector is full of. */
export type DatastoreTask =
  /** Opens the plugin; `stop` ends it and the layers that it has open. */
  | { readonly do: "start"; readonly request: PluginRequest }
  | { readonly do: "stop" }
  | { readonly do: "create"; readonly layer: string; readonly sizeBytes: number; readonly stamp: Stamp }
  | { readonly do: "open"; readonly layer: string; readonly sizeBytes: number }
  | {
      readonly do: "write" | "zero" | "read";
      readonly layer: string;
      readonly offset: number;
      readonly length: number;
      /** Of what is zeroed or read: 0. */
      readonly mark: number;
    }
  | { readonly do: "resize"; readonly layer: string; readonly sizeBytes: number }
  | { readonly do: "stamp"; readonly layer: string; readonly stamp: Stamp }
  | { readonly do: "flush" | "close" | "remove"; readonly layer: string }
  /** The process kills itself as `kill -9` does, when its event loop has turned so often. */
  | { readonly do: "die"; readonly turns: number }
  | { readonly do: "list" };

/** What the other process answers to a task: nothing, where it did it and there is nothing to tell. */
export interface DatastoreTaskAnswer {
  /** `list`: the names of the layers. `read`: the mark of each sector, -1 for what is full of none. */
  readonly answer?: readonly (string | number)[];
  /** Where the task was refused. What has no code is told in words. */
  readonly code?: string;
}

/**
 * A task as it is sent, one or several in a message: the first is under way while the others are done one after another.
 * Its number tells its answer, and its marks in a trace, from others.
 */
export interface NumberedTask {
  readonly number: number;
  readonly task: DatastoreTask;
}
export interface NumberedAnswer extends DatastoreTaskAnswer {
  readonly number: number;
}

const SECTOR_BYTES = 512;
const markRoot = "/pagurus-conformance";
const markPattern = new RegExp(`^${markRoot}/(asked|answered|refused)/(\\d+)$`);

/** What a trace of system calls shows of a task's course. */
export interface TaskMark {
  readonly event: "asked" | "answered" | "refused";
  readonly number: number;
}

/** Leaves the mark in whoever traces this process: a call that changes nothing, and fails. */
export const leaveMark = ({ event, number }: TaskMark): void => {
  try {
    accessSync(`${markRoot}/${event}/${number}`);
  } catch {
    // It asks for what isn't there.
  }
};

/** `undefined`: any other path. */
export const markOfPath = (path: string): TaskMark | undefined => {
  const [, event, number] = markPattern.exec(path) ?? [];
  return event === undefined ? undefined : { event: event as TaskMark["event"], number: Number(number) };
};

/** Sectors full of a number; 0: they read as zeroes. */
export const markedBytes = (length: number, mark: number): Uint8Array =>
  new Uint8Array(new Uint32Array(length / 4).fill(mark).buffer);

/** The number that each sector is full of; -1 where it is mixed. */
export const marksOf = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: bytes.length / SECTOR_BYTES }, (_, index) => {
    const sector = Uint8Array.from(bytes.subarray(index * SECTOR_BYTES, (index + 1) * SECTOR_BYTES));
    const words = new Uint32Array(sector.buffer);
    const [first = 0] = words;
    return words.every((word) => word === first) ? first : -1;
  });
