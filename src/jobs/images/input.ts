import { DiskName, z } from "../../contract/index.ts";
import { IMAGE_FORMATS } from "../../images/index.ts";
import { SidesUsageResult, terms, USUAL_GUEST_IMPACT, VerificationResult } from "../migration/input.ts";

export const ImagePath = z
  .string()
  .regex(/^\/[^\0]*$/, "a whole path, beginning with `/`")
  .meta({ path: true });
const format = z.enum(IMAGE_FORMATS);
const resume = z
  .boolean()
  .default(false)
  .describe("keep what there is if it is interrupted, and go on from what was kept");

export const ImportInput = z.strictObject({
  name: DiskName.describe("name of the new disk"),
  path: ImagePath.describe("the image, on the server's machine"),
  format: format.optional().describe("by default what the file's name and its content both say"),
  datastore: z
    .string()
    .optional()
    .describe("where it is kept; without it in `default`, else the first one configured"),
  maxBytesPerSecond: terms.maxBytesPerSecond.optional(),
  resume,
});
export type ImportInput = z.output<typeof ImportInput>;

export const ExportInput = z.strictObject({
  name: z.string().min(1).describe("name or id of the disk"),
  path: ImagePath.describe("the image to make, on the server's machine"),
  format: format.optional().describe("by default what the ending of the path says"),
  maxPauseMs: terms.maxPauseMs.default(300),
  guestImpact: terms.guestImpact.default(USUAL_GUEST_IMPACT),
  maxBytesPerSecond: terms.maxBytesPerSecond.optional(),
  maxAttempts: terms.maxAttempts.default(5).describe("moments to try before giving up"),
  resume,
});
export type ExportInput = z.output<typeof ExportInput>;

const account = {
  disk: z.string(),
  path: z.string(),
  format,
  sizeBytes: z.number(),
  bytesCopied: z.number(),
  bytesZero: z.number().describe("bytes found to be zero and not stored"),
  verification: VerificationResult,
  usage: SidesUsageResult,
};

export const ImportOutput = z.object({
  ...account,
  datastore: z.string(),
  paddedBytes: z.number().describe("zeroes at the end, where the image's length is no multiple of 512"),
});
export type ImportOutput = z.output<typeof ImportOutput>;

export const ExportOutput = z.object({
  ...account,
  pauseMs: z.number().describe("how long a guest was held for the moment that the image shows"),
  attempts: z.number(),
});
export type ExportOutput = z.output<typeof ExportOutput>;
