import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuse } from './answers.ts';
import type { Refusal } from './answers.ts';
import { createHandler } from './handle.ts';
import type { HandlerOptions } from './handle.ts';
import { createBodyBudget, saysTooLarge } from './read-body.ts';
import type { ReceivingSource } from './source.ts';

export interface ReceiveOptions extends Omit<HandlerOptions, 'budget'> {
  readonly host: string;
  readonly port: number;
  readonly sources: readonly ReceivingSource[];
  readonly limits?: Partial<Limits>;
}

export interface Limits {
  /** For all headers of a request. */
  readonly headersTimeoutMs: number;
  /** For a whole request, body included. */
  readonly requestTimeoutMs: number;
  /** Between two requests on one connection. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** Bodies being read or stored at one time. */
  readonly maxBodyBytesHeld: number;
}

/** Longer than a request may wait for the broker. */
const closeLimitMs = 5_000;

const defaultLimits: Limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  maxConnections: 5_000,
  maxBodyBytesHeld: 64 << 20,
};

export interface ReceiveServer {
  readonly url: string;
  /** Takes no more requests, and resolves when those under way have been answered. */
  readonly close: () => Promise<void>;
}

/**
 * `POST /webhooks/<source>` and `POST /v1/events`. Bare node:http: there are two paths and one method, bodies stay bytes,
 * and nothing of what a framework adds to each request would be used.
 */
export async function startReceiving(options: ReceiveOptions): Promise<ReceiveServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const handle = createHandler({ ...options, budget: createBodyBudget(limits.maxBodyBytesHeld) });
  const paths = pathsOf(options.sources);

  const no = (response: ServerResponse, refusal: Refusal): void => {
    options.metrics.refused(null, refusal);
    refuse(response, refusal, { close: true });
  };
  const route = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '/' } = request;
    const query = url.indexOf('?');
    const sources = paths.get(query === -1 ? url : url.slice(0, query));
    if (sources === undefined) no(response, 'not_found');
    else if (request.method !== 'POST') no(response, 'method_not_allowed');
    else handle(request, response, sources);
  };

  const server = createServer({ connectionsCheckingInterval: 500, noDelay: true }, route);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!saysTooLarge(request)) response.writeContinue();
    route(request, response);
  });
  server.on('clientError', answerBroken);
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.keepAliveTimeout = limits.idleTimeoutMs;
  server.maxConnections = limits.maxConnections;
  await listen(server, options.port, options.host);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, close: () => closeServer(server) };
}

function pathsOf(sources: readonly ReceivingSource[]): ReadonlyMap<string, readonly ReceivingSource[]> {
  const webhooks = sources.filter(source => source.kind !== 'api');
  const apis = sources.filter(source => source.kind === 'api');
  return new Map<string, readonly ReceivingSource[]>([
    ...webhooks.map(source => [`/webhooks/${source.name}`, [source]] as const),
    ...(apis.length === 0 ? [] : [['/v1/events', apis] as const]),
  ]);
}

const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** What is not HTTP, or comes too slowly. */
function answerBroken(error: Error, socket: Duplex): void {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = statuses[code] ?? '400 Bad Request';
  const body = '{"error":"bad_request","message":"the request could not be read"}\n';
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Connections are kept open by senders: each is closed as soon as nothing is under way on it. */
function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const limit = setTimeout(() => server.closeAllConnections(), closeLimitMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(limit);
      resolve();
    });
  });
}
