const SIZES = ["KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const STEP = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** At most one decimal, and none that says nothing. */
const short = (value: number): string => String(Math.round(value * 10) / 10);

/** `1.5 GiB`, `512 bytes`. */
function sizeText(bytes: number): string {
  let value = bytes;
  let unit = "bytes";
  for (const next of SIZES) {
    if (Math.abs(value) < STEP) break;
    value /= STEP;
    unit = next;
  }
  return `${short(value)} ${unit}`;
}

/** `50 ms`, `1.5 s`, `2 min`, `3 h`. */
function durationText(ms: number): string {
  if (ms < SECOND_MS) return `${short(ms)} ms`;
  if (ms < MINUTE_MS) return `${short(ms / SECOND_MS)} s`;
  return ms < HOUR_MS ? `${short(ms / MINUTE_MS)} min` : `${short(ms / HOUR_MS)} h`;
}

/** A number as people read it, by the unit that ends its name. */
export function quantityText(name: string, value: number): string {
  if (/bytesPerSecond$/i.test(name)) return `${sizeText(value)}/s`;
  if (/bytes$/i.test(name)) return sizeText(value);
  return name.endsWith("Ms") ? durationText(value) : String(value);
}
