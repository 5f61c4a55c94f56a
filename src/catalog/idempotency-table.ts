import type { Transaction } from "kysely";
import { CodedError, type Json } from "../contract/index.ts";
import { fromText } from "./json-text.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

/** A caller's name for one call. */
export interface CallKey {
  readonly key: string;
  /** The id of the caller's token; `null` for calls of our own process. Keys of different callers never meet. */
  readonly token: string | null;
}

/** The answer of a call, kept in the same transaction as what the call made. */
export interface KeyAnswer extends CallKey {
  readonly answer: Json;
}

export type KeyState =
  | { readonly state: "new" }
  /** Begun by this run of the server, not answered yet. */
  | { readonly state: "running" }
  | { readonly state: "done"; readonly answer: Json }
  /** Used before with another function or another input. */
  | { readonly state: "conflict" };

/** Which calls were made under which key, so that a repeated call has one effect. */
export class IdempotencyTable {
  readonly #session: Session;
  readonly #boot: number;

  constructor(session: Session, boot: number) {
    this.#session = session;
    this.#boot = boot;
  }

  /** A key that an earlier run of the server began and never answered is `new`: that call did nothing that lasted. */
  begin(
    call: CallKey & { readonly function: string; readonly inputHash: string; readonly at: number },
  ): Promise<KeyState> {
    return this.#session.write(async (trx): Promise<KeyState> => {
      const found = await trx
        .selectFrom("idempotency")
        .selectAll()
        .where((where) => where.and(primaryKey(call)))
        .executeTakeFirst();
      if (!found) {
        const { function: name, inputHash: input_hash, at } = call;
        const row = { ...primaryKey(call), function: name, input_hash, answer: null, boot: this.#boot, at };
        await trx.insertInto("idempotency").values(row).execute();
        return { state: "new" };
      }
      if (found.function !== call.function || found.input_hash !== call.inputHash)
        return { state: "conflict" };
      if (found.answer !== null) return { state: "done", answer: fromText<Json>(found.answer) };
      if (found.boot === this.#boot) return { state: "running" };
      await trx
        .updateTable("idempotency")
        .set({ boot: this.#boot, at: call.at })
        .where((where) => where.and(primaryKey(call)))
        .execute();
      return { state: "new" };
    });
  }

  finish(key: string, token: string | null, answer: Json): Promise<void> {
    return this.#session.write((trx) => answerKey(trx, { key, token, answer }));
  }

  /** The call failed: its key is free again. A key that has its answer keeps it. */
  drop(key: string, token: string | null): Promise<void> {
    return this.#session.write(async (trx) => {
      await trx
        .deleteFrom("idempotency")
        .where((where) => where.and(primaryKey({ key, token })))
        .where("answer", "is", null)
        .execute();
    });
  }

  /** Forgets the keys begun before `olderThan`, in milliseconds since the epoch, except those of calls under way. */
  prune(olderThan: number): Promise<void> {
    return this.#session.write(async (trx) => {
      await trx
        .deleteFrom("idempotency")
        .where("at", "<", olderThan)
        .where((where) => where.or([where("answer", "is not", null), where("boot", "<", this.#boot)]))
        .execute();
    });
  }
}

/** Answers a key that was begun before. */
export const answerKey = async (trx: Transaction<Tables>, { answer, ...call }: KeyAnswer): Promise<void> => {
  const { numUpdatedRows } = await trx
    .updateTable("idempotency")
    .set({ answer: JSON.stringify(answer) })
    .where((where) => where.and(primaryKey(call)))
    .executeTakeFirst();
  if (numUpdatedRows !== 1n)
    throw new CodedError("internal", { reason: `the idempotency key ${call.key} was not begun` });
};

const primaryKey = ({ key, token }: CallKey) => ({ key, token: token ?? "" });
