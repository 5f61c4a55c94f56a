import type { DiskExport, ExportAttachment, ExportedDisk } from "pagurus";
import { toDo } from "./to-do.ts";

export class MyPluginExport implements DiskExport {
  readonly id: string;
  /** What this instance promises. Declare a capability when its scenarios pass. */
  readonly capabilities = {};
  /** Sockets and other files of its own belong below. */
  readonly dataDir: string;

  constructor(id: string, dataDir: string) {
    this.id = id;
    this.dataDir = dataDir;
  }

  async attach(_disk: ExportedDisk): Promise<ExportAttachment> {
    return toDo(
      "attach",
      "listen where clients find this disk, give each connection a `disk.connect`, and answer the URI",
    );
  }
}
