import { defineParameterType } from "pagurus/steps";

const bytesIn: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

defineParameterType({
  name: "size",
  regexp: /(\d+) (B|KiB|MiB|GiB)/,
  transformer: (count: string, unit: string) => Number(count) * (bytesIn[unit] ?? Number.NaN),
});

defineParameterType({
  name: "names",
  regexp: /"[^"]+"(?:(?:, | and )"[^"]+")*/,
  transformer: (text: string) => [...text.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
});
