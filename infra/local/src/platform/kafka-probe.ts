import { connect } from 'node:net';

const METADATA = 3;
const VERSION = 1;
/** Size, api key, api version, correlation id, no client id, and the list of topics: none. */
const REQUEST = Buffer.alloc(18);
REQUEST.writeInt32BE(14, 0);
REQUEST.writeInt16BE(METADATA, 4);
REQUEST.writeInt16BE(VERSION, 6);
REQUEST.writeInt32BE(1, 8);
REQUEST.writeInt16BE(-1, 12);
REQUEST.writeInt32BE(0, 14);

/**
 * Whether a Kafka broker answers at `address` ("host:port") and takes part in its cluster: asks for metadata
 * in Kafka's own protocol and looks for at least one broker in the answer.
 *
 * @throws Error when nothing listens there, or what answers is no Kafka.
 */
export function kafkaAnswers(address: string, timeoutMs = 2_000): Promise<boolean> {
  const split = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, split), port: Number(address.slice(split + 1)) });
  return new Promise<boolean>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => reject(new Error(`${address} did not answer within ${timeoutMs} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${address} closed the connection`)));
    socket.once('connect', () => socket.write(REQUEST));
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      // Size, correlation id, number of brokers.
      if (received.length < 12) return;
      if (received.readInt32BE(4) === 1) resolve(received.readInt32BE(8) > 0);
      else reject(new Error(`${address} speaks something else than Kafka`));
    });
  }).finally(() => socket.destroy());
}
