import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Gate } from "./gate.ts";
import { watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";

const setUp = () => {
  const clock = new FakeClock();
  const gate = new Gate(clock);
  const seen: string[] = [];
  const request = (name: string, alive = () => true) =>
    gate.wait({ alive, start: () => seen.push(name), drop: () => seen.push(`dropped ${name}`) });
  return { clock, gate, seen, request };
};

test("held requests start in the order in which they came, and not before", () => {
  const { gate, seen, request } = setUp();
  gate.hold();
  for (const name of ["a", "b", "c"]) request(name);
  expect(seen).toEqual([]);
  expect(gate.held).toBe(3);
  gate.release();
  expect(seen).toEqual(["a", "b", "c"]);
  expect(gate.held).toBe(0);
});

test("requests of a peer that is gone, or can't be asked, never start; the others do", () => {
  const { gate, seen, request } = setUp();
  let asked = 0;
  const dead = () => {
    asked++;
    return false;
  };
  const broken = () => {
    throw new Error("bad file descriptor");
  };
  gate.hold();
  request("old 1", dead);
  request("new 1");
  request("lost", broken);
  request("old 2", dead);
  request("new 2");
  gate.release();
  expect(seen).toEqual(["dropped old 1", "new 1", "dropped lost", "dropped old 2", "new 2"]);
  expect(asked).toBe(1);
});

test("a stun waits for what is under way", async () => {
  const { gate } = setUp();
  gate.enter();
  gate.enter();
  const stunned = watched(gate.stun());
  expect(gate.open).toBe(false);
  gate.leave();
  await settled();
  expect(stunned.state).toBe("pending");
  gate.leave();
  await settled();
  expect(stunned.state).toBe("done");
});

test("a stun is measured from its call to its end, draining included", async () => {
  const { clock, gate } = setUp();
  gate.enter();
  const stunned = gate.stun();
  clock.advance(7);
  gate.leave();
  await stunned;
  clock.advance(5);
  expect(gate.resume()).toBe(12);
  expect(gate.resume()).toBe(0);
});

test("a stun given up before all had ended lets requests start, and the next one waits anew", async () => {
  const { gate, seen, request } = setUp();
  gate.enter();
  const first = watched(gate.stun());
  request("a");
  gate.resume();
  expect(seen).toEqual(["a"]);
  const second = watched(gate.stun());
  await settled();
  expect(first.state).toBe("done");
  expect(second.state).toBe("pending");
  gate.leave();
  await settled();
  expect(second.state).toBe("done");
});

test("a second stun is refused and leaves the first one whole", () => {
  const { gate, seen, request } = setUp();
  void gate.stun();
  expect(() => gate.stun()).toThrow("internal");
  request("a");
  gate.resume();
  expect(seen).toEqual(["a"]);
});

test.each(["the stun", "the leaving connection"])(
  "of two holds at once the last decides, when %s ends first",
  (first) => {
    const { gate, seen, request } = setUp();
    gate.hold();
    void gate.stun();
    request("a");
    const [one, other] = [() => gate.resume(), () => gate.release()];
    first === "the stun" ? one() : other();
    expect(seen).toEqual([]);
    first === "the stun" ? other() : one();
    expect(seen).toEqual(["a"]);
  },
);

test("a hold that begins while requests start leaves the rest waiting in order", () => {
  const { gate, seen, request } = setUp();
  gate.hold();
  request("a");
  gate.wait({ alive: () => true, start: () => gate.hold(), drop: () => undefined });
  request("b");
  request("c");
  gate.release();
  expect(seen).toEqual(["a"]);
  gate.release();
  expect(seen).toEqual(["a", "b", "c"]);
});
