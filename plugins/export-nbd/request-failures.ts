import { CodedError, type Log, reasonOf } from "pagurus";
import { errnoOf } from "./errno.ts";
import { Errno } from "./protocol.ts";

/** Answers that tell of the request, not of the disk: nothing to be logged. */
const asksTooMuch: ReadonlySet<number> = new Set([Errno.EINVAL, Errno.ENOTSUP]);

/** What a client is told of a failed request. */
export interface Failure {
  readonly errno: number;
  /** For people: a code, where there is one. */
  readonly reason: string;
}

/** The failures of one client's requests. Only the first is logged: a failing disk fails every request. */
export class RequestFailures {
  readonly #disk: string;
  readonly #log: Log;
  #logged = false;

  constructor(disk: string, log: Log) {
    this.#disk = disk;
    this.#log = log;
  }

  of(error: unknown): Failure {
    const errno = errnoOf(error);
    const reason = CodedError.is(error) ? error.code : reasonOf(error);
    if (!asksTooMuch.has(errno) && !this.#logged) {
      this.#logged = true;
      const data = CodedError.is(error) ? error.data : undefined;
      this.#log.warn("a client's request failed; later ones of this client are not logged", {
        disk: this.#disk,
        errno,
        reason,
        data,
      });
    }
    return { errno, reason };
  }
}
