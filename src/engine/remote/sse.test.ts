import fc from "fast-check";
import { expect, test } from "vitest";
import { messagesOf, type ServerSentEvent } from "./sse.ts";

const read = async (chunks: readonly Uint8Array[]): Promise<readonly ServerSentEvent[]> => {
  const queue = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = queue.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const messages: ServerSentEvent[] = [];
  for await (const message of messagesOf(body)) messages.push(message);
  return messages;
};
const bytesOf = (text: string) => new TextEncoder().encode(text);

const stream = (end: string) =>
  [
    ": a comment",
    "retry: 5",
    "",
    "id: 1-1",
    "event: a.b",
    "data: one: ä€😀",
    "data:two",
    "",
    "data",
    "",
    "event: never",
    "",
    "data: unfinished",
  ].join(end);
const wanted = [
  { event: "a.b", data: "one: ä€😀\ntwo", id: "1-1" },
  { event: "message", data: "", id: "1-1" },
];

test("messages are the same however the bytes are cut and the lines end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat(120), { maxLength: 12 }),
      async (end, cuts) => {
        const bytes = bytesOf(stream(end));
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((to, n) => bytes.slice(places[n], to));
        expect(await read(chunks)).toEqual(wanted);
      },
    ),
  );
});
