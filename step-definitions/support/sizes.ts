const bytesIn: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The bytes of `4 KiB`, as people write sizes in features. */
export const bytesOf = (size: string): number => {
  const [count = "", unit = ""] = size.split(" ");
  return Number(count) * (bytesIn[unit] ?? Number.NaN);
};
