import { quantityText } from "../observations/quantity.ts";
import { unitOf } from "./words.ts";

const nameByUnit = { bytes: "bytes", "bytes-per-second": "bytesPerSecond", ms: "inMs" } as const;

/** A field's number for people, also where its name goes on after the unit, as in `bytesCopied`. */
export const quantityOf = (field: string, value: number): string => {
  const unit = unitOf(field);
  return quantityText(unit ? nameByUnit[unit] : "", value);
};
