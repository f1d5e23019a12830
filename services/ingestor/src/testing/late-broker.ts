import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a broker that is cut until it is opened. */
export interface LateBroker {
  readonly address: string;
  open(): void;
  close(): void;
}

export async function createLateBroker(broker: string): Promise<LateBroker> {
  const [host = '', port] = broker.split(':');
  const sockets = new Set<Socket>();
  let isOpen = false;
  const server = createServer(socket => {
    if (!isOpen) return void socket.destroy();
    const onward = connect({ host, port: Number(port) });
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => void (isOpen = true),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
