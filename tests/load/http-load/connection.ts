import { connect } from 'node:net';

/** One kept connection with one request under way at a time: as little work as a sender can have. */
export interface Connection {
  /** Resolves with the status; 0 when the connection broke. */
  send(request: Uint8Array): Promise<number>;
  close(): void;
}

const endOfHead = Buffer.from('\r\n\r\n');

export function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let waiting: ((status: number) => void) | undefined;
  let received: Buffer = Buffer.alloc(0);
  const answer = (status: number): void => {
    const resolve = waiting;
    waiting = undefined;
    received = Buffer.alloc(0);
    resolve?.(status);
  };
  socket.on('data', chunk => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const head = received.indexOf(endOfHead);
    if (head === -1) return;
    const text = received.toString('latin1', 0, head);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (received.length >= head + endOfHead.length + length) answer(Number(text.slice(9, 12)));
  });
  socket.on('close', () => answer(0));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // What breaks is counted as an answer of status 0.
      socket.on('error', () => undefined);
      resolve({
        send: request =>
          new Promise(settle => {
            if (socket.destroyed) return settle(0);
            waiting = settle;
            socket.write(request);
          }),
        close: () => socket.destroy(),
      });
    });
  });
}
