export type { ConnectionOptions } from "./connection.ts";
export { connectEngine } from "./engine.ts";
