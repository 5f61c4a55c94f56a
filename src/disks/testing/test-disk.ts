import type { Peer } from "../../contract/index.ts";
import type { FakeClock } from "../../testing/fake-clock.ts";
import type { FakeLayer } from "../../testing/fake-layer.ts";
import { Disk } from "../disk.ts";

/** A disk over a layer, with one client whose peer the test can let die. */
export function testDisk(layer: FakeLayer, clock: FakeClock) {
  const disk = new Disk({
    disk: "d1",
    name: "web",
    sizeBytes: layer.sizeBytes,
    blockSizes: { minimum: 512, preferred: 4096, maximum: 2 ** 25 },
    layer,
    clock,
  });
  return { disk, guest: disk.connect(livingPeer) };
}

export const livingPeer: Peer = { alive: () => true };

/** Bytes that are all the same. */
export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** What can be heard of a promise: whether it has settled, and how. */
export function watched(promise: unknown): { state: "pending" | "done" | unknown } {
  const seen: { state: "pending" | "done" | unknown } = { state: "pending" };
  Promise.resolve(promise).then(
    () => {
      seen.state = "done";
    },
    (error: unknown) => {
      seen.state = error;
    },
  );
  return seen;
}
