import { defineCodes } from "./code.ts";

/** The engine's door, HTTP, the command line and the catalog. */
export const doorCodes = defineCodes({
  "input-invalid": {
    kind: "bad-input",
    message: "The input of {function} is not valid: {problems}",
    remedy: "See `pagurus functions show {function}` or /openapi.json",
  },
  "function-not-found": {
    kind: "not-found",
    message: "There is no function {function}",
    remedy: "See `pagurus functions list`",
  },
  "function-failed": { kind: "internal", message: "{function} failed", wrapper: true },
  "task-failed": { kind: "internal", message: "{task} failed", wrapper: true },
  "function-unavailable": {
    kind: "unavailable",
    message: "{function} cannot be called now: {reason}",
    retryable: true,
  },
  "schema-inexpressible": {
    kind: "internal",
    message: "The {part} schema of function {function} cannot be expressed as JSON Schema: {reason}",
    remedy: "Describe it without transforms, dates and big integers",
  },
  "function-invalid": {
    kind: "internal",
    message: "The function {function} of plugin {plugin} cannot be offered: {problem}",
    remedy: "Report this to the author of the plugin",
  },
  "idempotency-key-invalid": {
    kind: "bad-input",
    message: "The idempotency key is not valid",
    remedy: "Use 1 to 255 visible ASCII characters, such as a UUID",
  },
  "route-not-found": {
    kind: "not-found",
    message: "There is nothing at {path}",
    remedy: "See /openapi.json for what there is",
  },
  "method-not-allowed": {
    kind: "bad-input",
    message: "{method} is not possible at {path}",
    remedy: "Use {allowed}",
  },
  "body-malformed": { kind: "bad-input", message: "The body is not JSON: {reason}" },
  "body-too-large": { kind: "bad-input", message: "The body is larger than {limitBytes} bytes" },
  "media-type-unsupported": {
    kind: "bad-input",
    message: "The body has the media type {found}",
    remedy: "Send JSON with `Content-Type: application/json`",
  },
  "host-refused": {
    kind: "bad-input",
    message: "This server does not answer to the host name {host}",
    remedy:
      "Call it by the address that it listens on, or add the name to `server.allowedHosts` in pagurus.yaml",
  },
  "origin-refused": {
    kind: "bad-input",
    message: "Pages of {origin} may not call this server",
    remedy: "Allow the origin in the server's configuration",
  },
  "server-unreachable": {
    kind: "unavailable",
    message: "The server at {url} cannot be reached: {reason}",
    remedy: "Is `pagurus serve` running? Check the URL",
    retryable: true,
  },
  "answer-unreadable": {
    kind: "unavailable",
    message: "{url} answered {status}, which is not an answer of this server's kind",
    remedy: "Check that the URL is that of a Pagurus server",
  },
  "token-missing": {
    kind: "bad-input",
    message: "This call needs a bearer token",
    remedy:
      "Send `Authorization: Bearer …`; the server's token is in its data directory, in the file `token`",
  },
  "token-invalid": {
    kind: "bad-input",
    message: "This token is not known here",
    remedy: "Use the token in the file `token` of the server's data directory",
  },
  "permission-denied": {
    kind: "conflict",
    message: "This token may not {permission}, which {function} needs",
  },
  "idempotency-conflict": {
    kind: "conflict",
    message: "The idempotency key {key} was used before with another input",
    remedy: "Use a fresh key for a new call",
  },
  "idempotency-running": {
    kind: "conflict",
    message: "The first call with the idempotency key {key} has not ended yet",
    retryable: true,
  },
  "server-ended": {
    kind: "unavailable",
    message: "The server's process ended (code {code}, signal {signal}) before it was ready: {said}",
  },
  "server-stopping": { kind: "unavailable", message: "The server is stopping", retryable: true },
  "deadline-exceeded": {
    kind: "unavailable",
    message: "{operation} did not end within {timeoutMs} ms",
    retryable: true,
  },
  "catalog-locked": {
    kind: "conflict",
    message: "The catalog {catalog} is in use by another server",
    remedy: "Stop that server, or give this one another --data",
  },
  "catalog-newer": {
    kind: "conflict",
    message: "The catalog {catalog} has schema version {found}; this server knows up to {known}",
    remedy: "Use the newer server that wrote it; nothing was changed",
  },
  "catalog-damaged": {
    kind: "unavailable",
    message: "The catalog {catalog} is damaged: {reason}",
    remedy: "Put back a copy of it; the disks are untouched",
  },
  "catalog-unavailable": {
    kind: "unavailable",
    message: "The catalog {catalog} cannot be used: {reason}",
    retryable: true,
  },
  "usage-invalid": { kind: "bad-input", message: "{problem}", remedy: "See `{help}`" },
  "size-invalid": {
    kind: "bad-input",
    message: "{given} is not a size: {problem}",
    remedy: "Write bytes, or a number with a unit, such as `512`, `1.5MiB`, `20GiB` or `10MB`",
  },
  "duration-invalid": {
    kind: "bad-input",
    message: "{given} is not a duration: {problem}",
    remedy: "Write a number with a unit, such as `50ms`, `2s` or `1m30s`",
  },
  "input-unreadable": {
    kind: "bad-input",
    message: "The input from {source} could not be read as JSON: {reason}",
    remedy: "Give JSON as an argument, `-` for standard input, or `@file`",
  },
  "server-not-running": {
    kind: "unavailable",
    message: "No server is running for {dataDir}",
    remedy: "Start one with `pagurus serve --data {dataDir}`",
    retryable: true,
  },
  "server-listen-failed": {
    kind: "unavailable",
    message: "The server cannot listen on {address}: {reason}",
    remedy: "Give another address with --listen (port 0 takes any free port), or end what uses this one",
  },
  "data-dir-unusable": {
    kind: "unavailable",
    message: "The data directory {dataDir} cannot be used: {reason}",
    remedy: "Make it a directory that this user can write, or give another --data",
  },
  "wait-stopped": {
    kind: "cancelled",
    message: "Stopped waiting for job {job}, which goes on",
    remedy: "Go on watching with `pagurus jobs watch {job}`; end it with `pagurus jobs cancel {job}`",
  },
  "call-interrupted": {
    kind: "cancelled",
    message: "{function} was interrupted; whether it was carried out is not known",
  },
  internal: {
    kind: "internal",
    message: "Something unexpected went wrong: {reason}",
    remedy: "Report this; the log has the details",
  },
});
