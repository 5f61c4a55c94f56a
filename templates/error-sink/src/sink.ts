import type { ErrorSink, Report } from "pagurus";
import type { MyPluginConfig } from "./config.ts";
import { toDo } from "./to-do.ts";

export class MyPluginSink implements ErrorSink {
  readonly id: string;
  readonly config: MyPluginConfig;

  constructor(id: string, config: MyPluginConfig) {
    this.id = id;
    this.config = config;
  }

  async deliver(_report: Report, _options: { readonly signal: AbortSignal }): Promise<void> {
    toDo(
      "deliver",
      "bring the report there, on a line of its own with its id, and answer when it has arrived",
    );
  }
}
