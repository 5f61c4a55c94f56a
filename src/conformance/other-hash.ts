import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PluginRequest } from "./plugin-under-test.ts";

/** The signatures, in hexadecimal, that a process of its own gives contents with the hash function under test. */
export const signaturesElsewhere = (
  request: PluginRequest,
  contents: readonly Uint8Array[],
): Promise<readonly string[]> => {
  const file = import.meta.url.endsWith(".ts") ? "./hash-process.ts" : "./hash-process.js";
  const texts = contents.map((content) => Buffer.from(content).toString("base64"));
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(request)]);
  child.send(texts);
  return new Promise((resolve, reject) => {
    child.once("message", (signatures) => resolve(signatures as readonly string[]));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the other process ended with ${code} and no signatures`)));
  });
};
