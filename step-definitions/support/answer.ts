import assert from "node:assert/strict";
import { z } from "pagurus";

const Problem = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().regex(/^\S.*\.$/),
  instance: z.string().min(1),
  code: z.string(),
  kind: z.string(),
  retryable: z.boolean(),
  chain: z.looseObject({ code: z.string(), at: z.number(), causes: z.array(z.unknown()) }),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string().min(1) })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What an HTTP caller was answered. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  private constructor(status: number, headers: Headers, text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  static async of(response: Response): Promise<Answer> {
    return new Answer(response.status, response.headers, await response.text());
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }

  /** The answer as an object of which only these fields are looked at. */
  fields<T extends z.ZodRawShape>(shape: T): z.infer<z.ZodObject<T>> {
    assert.ok(this.status < 300, `it was answered ${this.status}: ${this.text}`);
    return z.object(shape).parse(this.json);
  }

  /** The refusal that this answer is; whatever is not as RFC 9457 and our promises say fails. */
  get problem(): Problem {
    assert.match(this.headers.get("content-type") ?? "", /^application\/problem\+json/, this.text);
    const problem = Problem.parse(this.json);
    assert.equal(problem.status, this.status);
    assert.equal(problem.type, `urn:pagurus:problem:${problem.code}`);
    assert.ok(problem.instance.endsWith(this.headers.get("x-request-id") ?? "no id"), problem.instance);
    return problem;
  }
}
