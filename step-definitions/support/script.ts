import assert from "node:assert/strict";
import { z } from "pagurus";
import type { LabPart } from "../world.ts";

const Job = z.looseObject({ id: z.string(), state: z.string() });

export interface Errand {
  readonly url: string;
  readonly token: string;
  readonly path: string;
  readonly body: string;
}

/** What a person writes with curl. */
export class Script implements LabPart {
  /** The job as it was read last. */
  read: unknown;

  /** Posts, then reads the job at its Location after each of its events until it has ended. */
  async postAndFollow({ url, token, path, body }: Errand): Promise<void> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const events = await fetch(`${url}/v1/events?types=job.ended`, { headers });
    const posted = await fetch(`${url}${path}`, { method: "POST", headers, body });
    assert.equal(posted.status, 202, await posted.clone().text());
    const place = new URL(posted.headers.get("location") ?? "", url);
    const { id } = Job.parse(await posted.json());
    for await (const bytes of events.body ?? []) if (Buffer.from(bytes).includes(id)) break;
    this.read = Job.parse(await (await fetch(place, { headers })).json());
  }

  async end(): Promise<void> {
    this.read = undefined;
  }
}
