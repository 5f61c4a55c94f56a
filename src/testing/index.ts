export {
  type ProcessEnd,
  type ServerProcess,
  type ServerProcessOptions,
  startDoomedServer,
  startServer,
} from "./doomed-server.ts";
export { FakeDisk, type FakeDiskOptions, type FakeRequest } from "./fake-disk.ts";
export { type CommitFate, losingCatalog, type SeenCommit } from "./losing-catalog.ts";
export {
  type NbdChange,
  NbdClient,
  type NbdClientOptions,
  type NbdRequestHead,
  nbdExports,
} from "./nbd/client.ts";
export type { NbdExtent } from "./nbd/reply-reader.ts";
export type { NbdTarget } from "./nbd/target.ts";
