import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to an Odoo on which calls get lost as the stand-in loses them (see packages/sandbox, faults). */
export interface FaultProxy {
  readonly url: string;
  readonly setFaults: (faults: Partial<ProxyFaults>) => void;
  readonly close: () => Promise<void>;
}

interface ProxyFaults {
  /** The next so many calls lose their connection and never reach Odoo. */
  resetBefore: number;
  /** The next so many calls lose their connection after Odoo has answered. */
  resetAfter: number;
  /** Every call loses its connection. */
  down: boolean;
}

export async function startFaultProxy(odooUrl: string): Promise<FaultProxy> {
  const faults: ProxyFaults = { resetBefore: 0, resetAfter: 0, down: false };
  const take = (kind: 'resetBefore' | 'resetAfter'): boolean => faults[kind] > 0 && faults[kind]-- > 0;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    if (faults.down || take('resetBefore')) return void request.socket.destroy();
    const sent = ['authorization', 'content-type', 'x-odoo-database'].flatMap(name =>
      request.headers[name] === undefined ? [] : [[name, String(request.headers[name])] as const],
    );
    const answer = await fetch(new URL(request.url ?? '/', odooUrl), {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(sent),
      body: request.method === 'GET' ? null : body,
    });
    const content = Buffer.from(await answer.arrayBuffer());
    if (take('resetAfter')) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(content);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFaults: change => void Object.assign(faults, change),
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
