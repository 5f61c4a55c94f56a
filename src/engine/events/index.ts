export { createEventHub, type EventHub } from "./hub.ts";
