import type { Json, JsonObject } from "../contract/json.ts";
import type { Observation } from "../contract/observation.ts";

const REDACTED = "[redacted]";
const SECRET_NAME =
  /token|secret|password|passwd|passphrase|authorization|credential|cookie|api-?key|access-?key|private-?key/i;
/** Credentials that a text gives away by its form: a bearer token, the password in a URL. */
const SECRET_FORMS = [/(?<=\bBearer\s+)[^\s"',;]+/gi, /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g];
/** A shorter value would blot out ordinary words. */
const MIN_SECRET_LENGTH = 4;

const redactText = (text: string, secrets: readonly string[]): string => {
  const formless = SECRET_FORMS.reduce((shown, form) => shown.replace(form, REDACTED), text);
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .reduce((shown, secret) => shown.replaceAll(secret, REDACTED), formless);
};

/** JSON without secrets: neither under a name that announces one, nor one of `secrets` anywhere inside a text. */
export function redactJson(value: Json, secrets: readonly string[] = []): Json {
  if (typeof value === "string") return redactText(value, secrets);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => redactJson(item, secrets));
  return redactObject(value as JsonObject, secrets);
}

const redactObject = (value: JsonObject, secrets: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      redactText(name, secrets),
      SECRET_NAME.test(name) && item !== null && typeof item !== "boolean"
        ? REDACTED
        : redactJson(item, secrets),
    ]),
  );

/** The chain as it may be shown, logged and sent. */
export const redact = (observation: Observation, secrets: readonly string[] = []): Observation => ({
  ...observation,
  data: redactObject(observation.data, secrets),
  causes: observation.causes.map((cause) => redact(cause, secrets)),
});
