import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { CodedError, type JsonObject, z } from "../../src/contract/index.ts";

const Message = z.looseObject({
  return: z.unknown().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  id: z.number().optional(),
});
type Message = z.infer<typeof Message>;

/** Something that QEMU said unasked. */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it was read, on the monotonic clock. */
  readonly atMs: number;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A connection to QEMU's monitor. */
export class Qmp {
  readonly #socket: Socket;
  readonly #answers = new Map<number, Waiting<unknown>>();
  readonly #listeners = new Map<string, Waiting<QmpEvent>>();
  #asked = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => this.#read(line));
    socket.on("close", () => this.#fail(new CodedError("internal", { reason: "QEMU closed its monitor" })));
    socket.on("error", (error) => this.#fail(error));
  }

  static async connect(path: string): Promise<Qmp> {
    const qmp = new Qmp(createConnection(path));
    await qmp.ask("qmp_capabilities");
    return qmp;
  }

  ask(execute: string, args: JsonObject = {}): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute, arguments: args, id })}\n`);
    });
  }

  /** The next event of this name. */
  next(event: string): Promise<QmpEvent> {
    const next = new Promise<QmpEvent>((resolve, reject) => this.#listeners.set(event, { resolve, reject }));
    next.catch(() => undefined);
    return next;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(line: string): void {
    try {
      this.#take(Message.parse(JSON.parse(line)));
    } catch (error) {
      this.#fail(error);
    }
  }

  #take({ id, error, event, data = {}, return: answer }: Message): void {
    if (event !== undefined) {
      this.#listeners.get(event)?.resolve({ event, data, atMs: performance.now() });
      this.#listeners.delete(event);
    }
    if (id === undefined) return;
    const waiting = this.#answers.get(id);
    this.#answers.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new CodedError("internal", { reason: `QEMU refused: ${error.desc}` }));
  }

  #fail(error: unknown): void {
    for (const waiting of [...this.#answers.values(), ...this.#listeners.values()]) waiting.reject(error);
    this.#answers.clear();
    this.#listeners.clear();
  }
}
