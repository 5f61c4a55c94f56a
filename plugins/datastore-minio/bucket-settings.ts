import type { Client } from "minio";
import { CodedError, z } from "pagurus";
import type { ObjectCall } from "./objects.ts";
import type { S3Store } from "./s3-store.ts";
import type { Counts } from "./tally.ts";

/** A rule by which the server deletes objects on its own. */
export interface ExpiryRule {
  readonly name: string;
  /** Of the keys that it is about; empty: all. */
  readonly prefix: string;
}

/** What of a bucket's settings decides whether it can hold disks; undefined: the server doesn't say. */
export interface BucketSettings {
  readonly versioned: boolean | undefined;
  readonly locked: boolean | undefined;
  readonly expiryRules: readonly ExpiryRule[] | undefined;
}

/** A server may lack such settings, or keep them from these credentials. */
export async function bucketSettings(
  store: S3Store,
  counts: readonly Counts[],
  call?: ObjectCall,
): Promise<BucketSettings> {
  const { bucket } = store.config;
  const ask = <T>(send: (client: Client) => Promise<T>, none: T): Promise<T | undefined> =>
    store
      .ask<T>(
        {
          kind: "get",
          object: "its settings",
          operation: "reading",
          otherwise: { absent: () => none },
          send,
        },
        counts,
        call,
      )
      .catch(unlessUnknown);
  const [versioned, locked, expiryRules] = await Promise.all([
    ask(async (client) => Versioning.parse(await client.getBucketVersioning(bucket)), false),
    ask(async (client) => Lock.parse(await client.getObjectLockConfig(bucket)), false),
    ask(async (client) => Lifecycle.parse(await client.getBucketLifecycle(bucket)), []),
  ]);
  return { versioned, locked, expiryRules };
}

const unlessUnknown = (error: unknown): undefined => {
  if (CodedError.is(error, "bucket-refused") || CodedError.is(error, "bucket-access-denied"))
    return undefined;
  throw error;
};

/** The client hands on what its XML parser makes of an answer: an empty element is an empty text. */
const element = <T extends z.ZodRawShape>(shape: T) => z.preprocess((value) => value || {}, z.object(shape));

const Versioning = element({ Status: z.string().optional() }).transform(({ Status }) => Status === "Enabled");
const Lock = element({ objectLockEnabled: z.string().optional() }).transform(
  ({ objectLockEnabled }) => objectLockEnabled === "Enabled",
);

const prefix = z.coerce.string().optional();
const Rule = element({
  ID: z.coerce.string().default("without a name"),
  Status: z.string().optional(),
  Prefix: prefix,
  Filter: element({
    Prefix: prefix,
    Tag: z.unknown().optional(),
    And: element({ Prefix: prefix, Tag: z.unknown().optional() }),
  }),
  Expiration: element({ Days: z.unknown().optional(), Date: z.unknown().optional() }),
});
type Rule = z.output<typeof Rule>;

/** Our objects carry no tags: what is about tagged ones isn't about them. */
const deletes = ({ Status, Filter, Expiration }: Rule): boolean =>
  Status === "Enabled" &&
  (Expiration.Days !== undefined || Expiration.Date !== undefined) &&
  Filter.Tag === undefined &&
  Filter.And.Tag === undefined;

const Lifecycle = element({
  Rule: z
    .union([z.array(Rule), Rule])
    .optional()
    .transform((rules = []) => [rules].flat()),
}).transform(({ Rule: rules }): readonly ExpiryRule[] =>
  rules.filter(deletes).map(({ ID: name, Prefix, Filter }) => ({
    name,
    prefix: Prefix ?? Filter.Prefix ?? Filter.And.Prefix ?? "",
  })),
);
