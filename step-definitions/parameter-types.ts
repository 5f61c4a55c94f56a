import { defineParameterType } from "pagurus/steps";
import { bytesOf } from "./support/sizes.ts";

defineParameterType({
  name: "size",
  regexp: /\d+ (?:B|KiB|MiB|GiB)/,
  transformer: bytesOf,
});

/** `"fast" and "archive"`. */
defineParameterType({
  name: "names",
  regexp: /"[^"]+"(?:(?:, | and )"[^"]+")*/,
  transformer: (text: string) => [...text.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
});

/** `3`, or `3, 7 and 9`. */
defineParameterType({
  name: "numbers",
  regexp: /\d+(?:(?:, | and )\d+)*/,
  transformer: (text: string) => [...text.matchAll(/\d+/g)].map(Number),
});

const times = ["once", "twice", "three times"];

defineParameterType({
  name: "times",
  regexp: /once|twice|three times/,
  transformer: (text: string) => times.indexOf(text) + 1,
});

const occurrences = ["for the first time", "again", "for the third time"];

/** How often it happened before. */
defineParameterType({
  name: "occurrence",
  regexp: /for the first time|again|for the third time/,
  transformer: (text: string) => occurrences.indexOf(text),
});
