import { type Deferred, deferred } from "./deferred.ts";

/**
 * The talk with the engine around switch-overs: the disk says that it is ready, the engine asks for the switch-over,
 * the disk answers or refuses. Whoever was refused waits for the next time that the disk says it is ready.
 */
export class SwitchDialogue<Answer> {
  readonly #onReady: (ready: boolean) => void;
  #request: Deferred<Answer> | undefined;
  #ready = false;
  #unready: unknown;

  /** `unready` is the reason for which a request is refused before the disk was ever ready. */
  constructor(unready: unknown, onReady: (ready: boolean) => void) {
    this.#unready = unready;
    this.#onReady = onReady;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Whether a request waits for its answer. */
  get requested(): boolean {
    return this.#request !== undefined;
  }

  announceReady(): void {
    this.#become(true);
  }

  /** The engine's request. Rejects at once while the disk isn't ready: nobody would answer it in time. */
  ask(): Promise<Answer> {
    if (!this.#ready) return Promise.reject(this.#unready);
    this.#request ??= deferred<Answer>();
    return this.#request.promise;
  }

  answer(answer: Answer): void {
    const request = this.#request;
    this.#request = undefined;
    // Without telling: what comes of the answer decides whether the disk will be ready again.
    this.#ready = false;
    request?.resolve(answer);
  }

  /** The disk is no longer ready, for this reason; a request that waits is rejected with it. */
  refuse(reason: unknown): void {
    const request = this.#request;
    this.#request = undefined;
    this.#unready = reason;
    this.#become(false);
    request?.reject(reason);
  }

  #become(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#onReady(ready);
  }
}
