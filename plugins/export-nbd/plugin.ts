import { DiskExport, definePlugin, Log, Metrics } from "pagurus";
import { native } from "pagurus/native";
import { NbdConfig } from "./config.ts";
import { NbdExport } from "./nbd-export.ts";

export default definePlugin({
  id: "export-nbd",
  apiVersion: 1,
  summary: "Disks over the NBD protocol, on unix sockets and on one TCP port",
  provides: [DiskExport],
  requires: [Log, Metrics],
  config: NbdConfig,
  register({ bind, id, config, dataDir }) {
    bind(DiskExport).toResolvedValue(
      (log: Log, metrics: Metrics) => new NbdExport({ id, config, dataDir, log, native, metrics }),
      [Log, Metrics],
    );
  },
});
