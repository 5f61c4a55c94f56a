export {
  type NbdChange,
  NbdClient,
  type NbdClientOptions,
  type NbdExtent,
  type NbdZero,
  nbdExports,
} from "../nbd/client.ts";
export {
  type NbdExportFacts,
  type NbdForm,
  NbdHandshake,
  type NbdOptionReply,
  type NbdWishes,
} from "../nbd/handshake.ts";
export type { NbdChunk, NbdStatus } from "../nbd/reply-reader.ts";
export type { NbdRequestHead } from "../nbd/request-head.ts";
export type { NbdTarget } from "../nbd/target.ts";
export {
  type ProcessEnd,
  type ServerProcess,
  type ServerProcessOptions,
  startDoomedServer,
  startServer,
} from "./doomed-server.ts";
export { FakeClock } from "./fake-clock.ts";
export { FakeDisk, type FakeDiskOptions, type FakeRequest } from "./fake-disk.ts";
export { FakeLayer, type LayerHold, type LayerPoint, type LayerRequest } from "./fake-layer.ts";
export { type CommitFate, losingCatalog, type SeenCommit } from "./losing-catalog.ts";
export { holdHandshakes, type RudeClients, takeNoReplies } from "./nbd/rude-clients.ts";
