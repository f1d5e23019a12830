import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Telemetry } from './telemetry.ts';

/** Why a service is not ready; empty when it is. */
export type Readiness = () => readonly string[];

export interface AdminServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** `/healthz` (the process lives), `/readyz` (it can do its work, or why not), `/metrics`. */
export async function startAdminServer(options: {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  /** What is wrong, though no reason not to be ready. */
  readonly warnings: Readiness;
  readonly telemetry: Telemetry;
}): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body) + '\n');
    };
    switch (request.url) {
      case '/healthz':
        return answer(200, { status: 'alive' });
      case '/readyz': {
        const reasons = options.readiness();
        const warnings = options.warnings();
        const status = reasons.length === 0 ? { status: 'ready' } : { status: 'not ready', reasons };
        return answer(reasons.length === 0 ? 200 : 503, {
          ...status,
          ...(warnings.length > 0 && { warnings }),
        });
      }
      case '/metrics':
        return options.telemetry.metrics(request, response);
      default:
        return answer(404, { error: 'not_found', message: 'here are /healthz, /readyz and /metrics' });
    }
  });
  server.headersTimeout = 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
