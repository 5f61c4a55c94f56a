import fc from "fast-check";

/** What becomes of good bytes on their way: flipped, torn out, doubled, put in, cut off. */
const anyWrong = fc.record({
  kind: fc.constantFrom("flip", "flip", "remove", "double", "insert", "cut"),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 64 }),
  fill: fc.nat(255),
});
type Wrong = typeof anyWrong extends fc.Arbitrary<infer T> ? T : never;

const spoil = (bytes: Buffer, { kind, at: anywhere, length, fill }: Wrong): Buffer => {
  const at = anywhere % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case "flip":
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (fill || 1)]), after.subarray(1)]);
    case "remove":
      return Buffer.concat([before, after.subarray(length)]);
    case "double":
      return Buffer.concat([before, after.subarray(0, length), after]);
    case "insert":
      return Buffer.concat([before, Buffer.alloc(length, fill), after]);
    default:
      return before;
  }
};

/** Streams made of `good` ones, spoilt in up to four places, and streams of random bytes; in any pieces. */
export const hostileStreams = (good: fc.Arbitrary<Buffer>): fc.Arbitrary<readonly Buffer[]> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 7, arbitrary: fc.tuple(good, fc.array(anyWrong, { maxLength: 4 })) },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.uint8Array({ maxLength: 300 }).map(Buffer.from), fc.constant([])),
        },
      ),
      fc.array(fc.nat(), { maxLength: 6 }),
    )
    .map(([[bytes, wrongs], cuts]) => pieces(wrongs.reduce(spoil, bytes), cuts));

const pieces = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
  const at = [0, ...cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((to, n) => bytes.subarray(at[n], to));
};

/** The seed of this run, which repeats it: `PAGURUS_SEED`, or a new one each time. */
export const seed = Number(process.env["PAGURUS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
