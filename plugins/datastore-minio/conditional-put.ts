import { randomUUID } from "node:crypto";
import { CodedError } from "pagurus";
import type { ObjectCall, Objects } from "./objects.ts";

/** Where the probe's objects are; no datastore lacks its marker because of them. */
export const PROBES = "probe/";

const ROUNDS = 20;
const RACERS = 8;
/** Rounds at once: a server far away is not waited for twenty times. */
const AT_ONCE = 4;
/** A round whose winner's answer was lost says nothing and is repeated, so often. */
const SPOILT_ROUNDS = 20;
/** Left behind by a probe that was killed, for nobody's use any more. */
const LEFT_OVER_MS = 3_600_000;

/**
 * Whether the server keeps writers of one object apart: different bodies race for a key that is free, and exactly one
 * must win, which is what is read back. `bucket-unconditional` where it doesn't. Leaves nothing behind.
 */
export async function probeConditionalPut(
  objects: Objects,
  about: { readonly endpoint: string; readonly bucket: string; readonly now: number },
  call?: ObjectCall,
): Promise<void> {
  const probe = randomUUID();
  const keys: string[] = [];
  try {
    for (let conclusive = 0, spoilt = 0; conclusive < ROUNDS; ) {
      const round = Array.from({ length: Math.min(AT_ONCE, ROUNDS - conclusive) }, (_, at) => {
        return `${PROBES}${probe}.${keys.length + at}`;
      });
      keys.push(...round);
      const all = await Promise.all(
        round.map(async (key) => ({ key, found: await race(objects, key, call) })),
      );
      for (const { key, found } of all)
        if (found === "sound") conclusive += 1;
        else if (found !== "answer lost" || ++spoilt > SPOILT_ROUNDS)
          throw new CodedError("bucket-unconditional", {
            endpoint: about.endpoint,
            bucket: about.bucket,
            object: objects.location(key),
            reason: found,
          });
    }
  } finally {
    // Not with the caller's signal: it may be what ended the probe.
    await objects.remove(keys, { deadlineMs: call?.deadlineMs ?? 5000 }).catch(() => undefined);
  }
  await removeLeftOvers(objects, about.now, call);
}

async function race(objects: Objects, key: string, call?: ObjectCall): Promise<string> {
  const bodies = Array.from({ length: RACERS }, (): string => randomUUID());
  const results = await Promise.all(bodies.map((body) => objects.put(key, [Buffer.from(body)], call)));
  const winners = bodies.filter((_, index) => results[index] === "made");
  const read = (await objects.get(key, call))?.toString();
  if (winners.length > 1) return `${winners.length} of ${RACERS} writers at once were told that they made it`;
  if (read === undefined) return "what was written is not there";
  if (winners.length === 0) return bodies.includes(read) ? "answer lost" : "nobody made it, yet it is there";
  return read === winners[0]
    ? "sound"
    : "it holds what a writer wrote who was told that it was there already";
}

async function removeLeftOvers(objects: Objects, now: number, call?: ObjectCall): Promise<void> {
  const left: string[] = [];
  for await (const { key, modifiedAt } of objects.list(PROBES, call))
    if (now - modifiedAt > LEFT_OVER_MS) left.push(key);
  await objects.remove(left, call);
}
