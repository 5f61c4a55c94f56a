import type { MessagePort } from "node:worker_threads";
import { CodedError, type JsonObject, reasonOf } from "../../contract/index.ts";
import { errorOf, observationOf } from "../../observations/index.ts";
import type { CommandName, Commands, PlaneEvent, Reply, Request } from "./messages.ts";

interface Pending {
  readonly command: CommandName;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly progress: ((progress: JsonObject) => void) | undefined;
}

/** The control plane's end of a disk thread. */
export class PlaneLink {
  readonly #port: MessagePort;
  readonly #thread: number;
  readonly #pending = new Map<number, Pending>();
  readonly #onEvent: (event: PlaneEvent) => void;
  #next = 1;
  /** Why it ended. */
  #lost: string | undefined;

  constructor(options: { port: MessagePort; thread: number; onEvent: (event: PlaneEvent) => void }) {
    this.#port = options.port;
    this.#thread = options.thread;
    this.#onEvent = options.onEvent;
    this.#port.on("message", (reply: Reply) => this.#receive(reply));
  }

  /** Rejects with what the thread reports, and with `disk-thread-lost` when it ends before it has answered. */
  request<C extends CommandName>(
    command: C,
    input: Commands[C]["input"],
    {
      signal,
      progress,
    }: { readonly signal?: AbortSignal; readonly progress?: (progress: JsonObject) => void } = {},
  ): Promise<Commands[C]["answer"]> {
    if (this.#lost !== undefined) return Promise.reject(this.#lostIn(command, this.#lost));
    const id = this.#next++;
    const cancel = () => this.#send({ cancel: id, reason: observationOf(signal?.reason) });
    return new Promise<Commands[C]["answer"]>((resolve, reject) => {
      this.#pending.set(id, { command, resolve, reject, progress });
      this.#send({ id, command, input });
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", cancel);
    }).finally(() => signal?.removeEventListener("abort", cancel));
  }

  /** The thread has ended, and what it was asked never will be answered. */
  lose(cause: unknown): void {
    if (this.#lost !== undefined) return;
    const reason = cause === undefined ? "it was stopped" : reasonOf(cause);
    this.#lost = reason;
    for (const { command, reject } of this.#pending.values()) reject(this.#lostIn(command, reason));
    this.#pending.clear();
    this.#port.close();
  }

  #send(request: Request): void {
    this.#port.postMessage(request);
  }

  #receive(reply: Reply): void {
    if ("event" in reply) {
      this.#onEvent(reply);
      return;
    }
    const pending = this.#pending.get(reply.id);
    if ("progress" in reply) {
      pending?.progress?.(reply.progress);
      return;
    }
    this.#pending.delete(reply.id);
    if ("failure" in reply) pending?.reject(errorOf(reply.failure));
    else pending?.resolve(reply.answer as never);
  }

  #lostIn(operation: CommandName, reason: string): CodedError {
    return new CodedError("disk-thread-lost", { thread: this.#thread, operation, reason });
  }
}
