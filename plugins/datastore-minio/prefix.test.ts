import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { numberOf } from "./layout.ts";
import { contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { SlowBucket } from "./testing/slow-bucket.ts";

const SECTOR = 512;
const SECTORS = 256;
const SIZE = SECTORS * SECTOR;

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("write" as const, "write" as const, "zero" as const),
      sector: fc.nat({ max: SECTORS - 1 }),
      sectors: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("answer" as const), which: fc.nat() }) },
);

const turns = async () => {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
};

test("whatever a crash leaves in the bucket is what some first writes made, with all that was flushed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 60 }),
      fc.array(fc.boolean()),
      async (operations, landing) => {
        const bucket = new SlowBucket();
        const opening = newLayer(datastoreOver(bucket.objects), SIZE);
        while (bucket.held.length === 0) await turns();
        bucket.answer(0);
        const layer = await opening;
        const model = Buffer.alloc(SIZE);
        const states = [Buffer.from(model)];
        let flushed = 0;
        let fill = 0;
        for (const each of operations) {
          if (each.kind === "flush") {
            const reached = states.length - 1;
            const answered = () => {
              flushed = Math.max(flushed, reached);
            };
            layer.flush().then(answered, () => undefined);
          } else if (each.kind === "answer") {
            bucket.answer(each.which);
          } else {
            const offset = each.sector * SECTOR;
            const length = Math.min(each.sectors * SECTOR, SIZE - offset);
            fill = (fill % 250) + 1;
            if (each.kind === "zero") {
              await layer.zero(offset, length);
              model.fill(0, offset, offset + length);
            } else {
              const from = Buffer.alloc(length, fill);
              await layer.write(offset, from);
              from.fill(0xff);
              model.fill(fill, offset, offset + length);
            }
            states.push(Buffer.from(model));
          }
          await turns();
        }
        expect((await contentOf(layer)).equals(model)).toBe(true);
        // The crash: some of what is under way lands, and nobody hears of it.
        const promised = flushed;
        for (const lands of landing.slice(0, bucket.held.length)) if (lands) bucket.answer(0);
        await turns();
        const left = new MemoryObjects(bucket.objects.objects);
        const reopened = await datastoreOver(left).open(LAYER, { sizeBytes: SIZE, readOnly: true });
        const found = await contentOf(reopened);
        const prefix = states.findLastIndex((state) => state.equals(found));
        expect(prefix).toBeGreaterThanOrEqual(promised);
        let closed = false;
        const closing = layer.close().then(() => {
          closed = true;
        });
        while (!closed) {
          bucket.answer(0);
          await turns();
        }
        await closing;
        const last = await contentOf(
          await datastoreOver(bucket.objects).open(LAYER, { sizeBytes: SIZE, readOnly: true }),
        );
        expect(last.equals(model)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("no object is sent that lies further above what the bucket has without a gap than the window", async () => {
  const bucket = new SlowBucket();
  const hold = bucket.objects.before;
  const sent: number[] = [];
  bucket.objects.before = (request) => {
    if (request.kind === "put" && request.key.startsWith("logs/")) sent.push(numberOf(request.key) ?? 0);
    return hold(request);
  };
  const opening = newLayer(datastoreOver(bucket.objects), SIZE);
  await bucket.during(opening);
  const layer = await opening;
  sent.length = 0;
  for (let round = 0; round < 4; round++) await layer.write(0, Buffer.alloc(SIZE, round + 1));
  const flushing = layer.flush();
  await turns();
  const [first = 0] = sent;
  const through = (objects: number) => Array.from({ length: objects }, (_, at) => first + at);
  expect(sent).toEqual(through(4));
  // All but the first arrive: the bucket has no more without a gap than before.
  for (let late = 3; late > 0; late--) bucket.answer(1);
  await turns();
  expect(sent).toEqual(through(4));
  bucket.answer(0);
  await turns();
  expect(sent).toEqual(through(8));
  await bucket.during(flushing);
  await bucket.during(layer.close());
});
