import { DiskExport, definePlugin, Log } from "pagurus";
import { dup, peerAlive } from "pagurus/native";
import { NbdConfig } from "./config.ts";
import { NbdExport } from "./nbd-export.ts";

export default definePlugin({
  id: "export-nbd",
  apiVersion: 1,
  summary: "Disks over the NBD protocol, on unix sockets and on one TCP port",
  provides: [DiskExport],
  requires: [Log],
  config: NbdConfig,
  register({ bind, id, config, dataDir }) {
    const native = { dup, peerAlive };
    bind(DiskExport).toResolvedValue(
      (log: Log) => new NbdExport({ id, config, dataDir, log, native }),
      [Log],
    );
  },
});
