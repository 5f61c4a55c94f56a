import type { DiskMove, MigrationStrategy, MoveFacts } from "pagurus";
import { toDo } from "./to-do.ts";

export class MyPluginStrategy implements MigrationStrategy {
  readonly id: string;
  readonly summary = "MY-SUMMARY";

  constructor(id: string) {
    this.id = id;
  }

  plan(_facts: MoveFacts): void {
    // Refuse here, with a coded error, what this strategy can't do.
  }

  async run(_move: DiskMove): Promise<void> {
    toDo(
      "run",
      "copy move.all(), then what move.harvest() takes, until the rest is no more than move.fittingBlocks(); announce(true), wait until switchRequested, and switchOver",
    );
  }
}
