import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request as the server got it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What the server does with a request, once it has all of it. */
export type Act = (answer: ServerResponse, seen: Seen) => void | Promise<void>;

/** Does with each request what comes next in `acts`; the last act is repeated. Ends with its scope. */
export async function scriptedServer(...acts: readonly [Act, ...Act[]]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, answer) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const { method = "", url = "", headers } = request;
    const each = { method, path: url, headers, body };
    seen.push(each);
    await (acts[seen.length - 1] ?? acts.at(-1))?.(answer, each);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export const ok =
  (body = "", headers: Record<string, string> = {}): Act =>
  (answer) => {
    answer.writeHead(200, { "content-length": Buffer.byteLength(body), ...headers }).end(body);
  };

/** Refuses as S3 servers do. */
export const s3Error =
  (status: number, code: string, headers: Record<string, string> = {}): Act =>
  (answer) => {
    answer
      .writeHead(status, { "content-type": "application/xml", ...headers })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>said by the server</Message></Error>`);
  };

/** Ends the connection instead of answering. */
export const hangUp: Act = (answer) => {
  answer.socket?.destroy();
};

/** Never answers. */
export const keepSilent: Act = () => undefined;

/** Announces more than it sends, and ends the connection. */
export const cutOff =
  (body: string): Act =>
  (answer) => {
    answer.writeHead(200, { "content-length": Buffer.byteLength(body) + 10 });
    answer.write(body, () => answer.socket?.destroy());
  };
