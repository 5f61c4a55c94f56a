import { FilePath, z } from "pagurus";

const MiB = 2 ** 20;
/** Under the 30 s after which a guest's kernel gives a request up. */
const MAX_REQUEST_TIMEOUT_MS = 25_000;
/** The names that S3 knows: some servers take others, which no other server could take over. */
const BUCKET = /^(?!.*\.[.-]|.*-\.|xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

function isEndpoint(text: string): boolean {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return false;
  const { pathname, search, hash, username, password } = new URL(text);
  return pathname === "/" && search + hash + username + password === "";
}

const price = z.number().min(0).default(0);

/** What the store's owner charges, in one currency of their choice. */
export const Prices = z.strictObject({
  currency: z.string().min(1).default("USD").describe("what the prices are in, shown beside them"),
  putPer1000: price.describe("price of 1000 PUT requests"),
  getPer1000: price.describe("price of 1000 GET requests, those for the bucket's settings included"),
  listPer1000: price.describe("price of 1000 LIST requests"),
  deletePer1000: price.describe("price of 1000 DELETE requests, each of which removes up to 1000 objects"),
  copyPer1000: price.describe("price of 1000 COPY requests"),
  sentPerGiB: price.describe("price of 1 GiB sent to the store"),
  receivedPerGiB: price.describe("price of 1 GiB received from the store"),
});
export type Prices = z.output<typeof Prices>;

export const MinioConfig = z
  .strictObject({
    endpoint: z
      .string()
      .refine(isEndpoint, "http://host:port or https://host:port, with no path and no credentials")
      .describe("the server: http://host:port or https://host:port"),
    bucket: z
      .string()
      .regex(
        BUCKET,
        "3 to 63 lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit",
      )
      .describe("the bucket that holds the layers; it must exist, without versioning and object lock"),
    prefix: z
      .string()
      .regex(PREFIX, "names of letters, digits, `.`, `_` and `-`, joined by `/`")
      .max(256)
      .optional()
      .describe(
        "what the names of all objects begin with, followed by `/`; absent: the bucket is this datastore's alone",
      ),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, "a region's name such as us-east-1")
      .default("us-east-1")
      .describe("the region that requests are signed for; MinIO takes any unless one is set there"),
    accessKey: z.string().min(3).optional().describe("name of the credentials, best from the environment"),
    secretKey: z.string().min(8).optional().describe("secret of the credentials, best from the environment"),
    sessionToken: z
      .string()
      .min(1)
      .optional()
      .describe("token of temporary credentials, best from the environment"),
    credentialsFile: FilePath.optional().describe(
      "instead of the three above: a JSON file with accessKey, secretKey and perhaps sessionToken, read again when the server refuses them; replace it by renaming another one",
    ),
    caFile: FilePath.optional().describe(
      "certificates (PEM) of the authority that signed the server's, besides those that this machine trusts",
    ),
    requestTimeoutMs: z
      .int()
      .min(100)
      .max(MAX_REQUEST_TIMEOUT_MS)
      .default(10_000)
      .describe("a request without an answer or a byte moving for so many milliseconds is tried again"),
    storeDeadlineMs: z
      .int()
      .min(1000)
      .optional()
      .describe(
        "milliseconds until reads and writes fail while the store doesn't answer, writes until the disk is opened again; absent: they wait without end",
      ),
    segmentBytes: z
      .int()
      .min(64 * 1024)
      .max(8 * MiB)
      .default(8 * MiB)
      .describe("writes go to the bucket in objects of at most so many bytes"),
    window: z
      .int()
      .min(1)
      .max(64)
      .default(8)
      .describe("objects of one disk that may be on their way at once; a layer keeps what it was made with"),
    maxBufferedBytes: z
      .int()
      .min(16 * MiB)
      .default(128 * MiB)
      .describe("bytes written but not yet in the bucket that one disk may hold in memory; then writes wait"),
    cacheBytes: z
      .int()
      .min(0)
      .default(256 * MiB)
      .describe("bytes that were read and are kept in memory, for all disks of one disk thread"),
    journal: FilePath.optional().describe(
      "directory on a local disk; a flush is answered once it is durable there, and reaches the bucket afterwards; absent: a flush is answered when the bucket has it",
    ),
    maxLossBytes: z
      .int()
      .min(1 * MiB)
      .default(256 * MiB)
      .describe(
        "with a journal: flushed bytes of one disk that the bucket may lack, and so die with this host; then writes wait",
      ),
    maxLossSeconds: z
      .number()
      .min(1)
      .default(60)
      .describe("with a journal: seconds that flushed bytes may be missing in the bucket; then writes wait"),
    prices: Prices.optional().describe(
      "what requests and bytes cost, for estimates; absent: no price is shown",
    ),
  })
  .refine(
    ({ accessKey, secretKey, credentialsFile }) =>
      credentialsFile === undefined
        ? accessKey !== undefined && secretKey !== undefined
        : accessKey === undefined && secretKey === undefined,
    { path: ["accessKey"], error: "either accessKey and secretKey, or credentialsFile" },
  );
export type MinioConfig = z.output<typeof MinioConfig>;
