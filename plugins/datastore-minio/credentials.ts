import { readFile } from "node:fs/promises";
import { CodedError, reasonOf, z } from "pagurus";
import type { MinioConfig } from "./config.ts";

export const Credentials = z.object({
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});
export type Credentials = z.output<typeof Credentials>;

/** Whom requests are signed as. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  /** Others than those, which the server has refused; undefined where there are none. */
  others(refused: Credentials): Promise<Credentials | undefined>;
}

type Configured = Pick<
  MinioConfig,
  "bucket" | "accessKey" | "secretKey" | "sessionToken" | "credentialsFile"
>;

/** Those of the configuration for as long as the server runs, or those of a file that others write anew. */
export const credentialSource = (config: Configured): CredentialSource =>
  config.credentialsFile === undefined
    ? fixed(Credentials.parse(config))
    : new CredentialFile(config.credentialsFile, config.bucket);

const fixed = (credentials: Credentials): CredentialSource => ({
  current: async () => credentials,
  others: async () => undefined,
});

const equal = (one: Credentials, other: Credentials): boolean =>
  one.accessKey === other.accessKey &&
  one.secretKey === other.secretKey &&
  one.sessionToken === other.sessionToken;

/** Read when first needed, and again when the server has refused what was read. */
class CredentialFile implements CredentialSource {
  readonly #path: string;
  readonly #bucket: string;
  #known: Promise<Credentials> | undefined;

  constructor(path: string, bucket: string) {
    this.#path = path;
    this.#bucket = bucket;
  }

  current(): Promise<Credentials> {
    this.#known ??= this.#read();
    this.#known.catch(() => {
      this.#known = undefined;
    });
    return this.#known;
  }

  async others(refused: Credentials): Promise<Credentials | undefined> {
    const known = await this.current();
    if (!equal(known, refused)) return known;
    this.#known = undefined;
    const read = await this.current();
    return equal(read, refused) ? undefined : read;
  }

  async #read(): Promise<Credentials> {
    const unreadable = (reason: string) =>
      new CodedError("bucket-credentials-unreadable", { bucket: this.#bucket, path: this.#path, reason });
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      throw unreadable(reasonOf(error));
    });
    const parsed = Credentials.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw unreadable(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "),
    );
  }
}

/** What the text holds is secret: a parser's complaint would show a part of it. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
