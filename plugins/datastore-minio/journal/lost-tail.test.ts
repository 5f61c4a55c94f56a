import { expect, test } from "vitest";
import { LostTail, lostAndHeld, turns, write } from "../testing/lost-tail.ts";

test("what the bucket has lost of a killed writer's log is whole again where its journal holds it still", async () => {
  const { setting, content } = await lostAndHeld();
  expect(await setting.contents()).toEqual([content, content, content]);
});

test("a server that dies anywhere while it makes that whole again leaves it to the next one", async () => {
  for (let before = 1, died = true; died; before++) {
    const { setting, content } = await lostAndHeld();
    died = await setting.dies(before);
    const [, first, second] = await setting.contents();
    expect([first, second], `killed before change ${before}`).toEqual([content, content]);
  }
}, 120_000);

test("what was flushed to the bucket before the journal had it is missed, though that holds some of it", async () => {
  const setting = new LostTail();
  const layer = await setting.opened();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  setting.gate = () => held;
  await write(layer, 1);
  const flushing = layer.flush();
  await turns();
  await write(layer, 2);
  await setting.sealed();
  await setting.stored();
  release();
  await flushing;
  await layer.flush();
  await setting.crash();
  expect(await setting.contents()).toEqual(["object-damaged", "object-damaged", "object-damaged"]);
});
