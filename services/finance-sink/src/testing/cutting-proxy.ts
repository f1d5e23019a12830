import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a server that can be cut at a chosen moment. */
export interface CuttingProxy {
  /** `url` by way of this proxy. */
  readonly through: (url: string) => string;
  /**
   * The next statement's answer never arrives: it reaches the server (`lose: 'answer'`) or does not (`lose: 'request'`),
   * and then the connection ends. Connections made later work again.
   */
  readonly cutNext: (lose: 'answer' | 'request') => void;
  /** Refuses every connection and ends those that are there, or lets them through again. */
  readonly setAway: (away: boolean) => void;
  readonly close: () => Promise<void>;
}

export async function startCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(serverUrl);
  let cut: 'answer' | 'request' | null = null;
  let isAway = false;
  const sockets = new Set<Socket>();
  const endAll = (): void => sockets.forEach(socket => socket.destroy());
  const server = createServer(client => {
    if (isAway) return void client.destroy();
    const upstream = connect(Number(port), hostname);
    let lost = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', data => {
      if (cut === 'request') {
        cut = null;
        upstream.destroy();
        client.destroy();
        return;
      }
      if (cut === 'answer') {
        cut = null;
        lost = true;
      }
      upstream.write(data);
    });
    upstream.on('data', data => {
      // The server has answered: it is done, and nobody hears of it.
      if (lost) client.destroy();
      else client.write(data);
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    through: url => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(own) }).href,
    cutNext: lose => (cut = lose),
    setAway: away => {
      isAway = away;
      if (away) endAll();
    },
    close: async () => {
      endAll();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
