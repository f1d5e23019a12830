import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory, Kafka, KafkaConfig, SASLOptions } from 'kafkajs';
import type { KafkaConnection } from '../api.ts';
import type { Logger } from '../logger.ts';
import { internals, kafkajs } from './kafkajs.ts';
import type { Cluster } from './internals.ts';
import { createLogCreator } from './log.ts';

/** Set everywhere: kafkajs' defaults differ when NODE_ENV is `test`. */
export const retry = {
  initialRetryTime: 100,
  maxRetryTime: 2_000,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
} as const;
const connectionTimeoutMs = 2_000;
const keepAliveMs = 60_000;

export interface ClientOptions {
  readonly requestTimeoutMs?: number;
  /** How often kafkajs itself connects and looks for leaders again after a failure; default 5. */
  readonly retries?: number;
  /** Called after a request was handed to the operating system, with its API key. For fault tests. */
  readonly onRequest?: (apiKey: number) => void;
}

/** Nagle's algorithm off: a request that spans segments would wait for an acknowledgement. */
function createSocketFactory(onRequest?: (apiKey: number) => void): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    return onRequest === undefined ? socket : observed(socket, onRequest);
  };
}

/** kafkajs writes one whole request at a time: four bytes of length, then two of API key. */
function observed(socket: net.Socket, onRequest: (apiKey: number) => void): net.Socket {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    const flushed = write(...args);
    const [bytes] = args;
    if (Buffer.isBuffer(bytes) && bytes.length >= 6) onRequest(bytes.readInt16BE(4));
    return flushed;
  };
  return socket;
}

function config(connection: KafkaConnection, logger: Logger, options: ClientOptions): KafkaConfig {
  return {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    ...(connection.tls ? { ssl: connection.tls } : {}),
    ...(connection.sasl ? { sasl: connection.sasl as SASLOptions } : {}),
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    retry: { ...retry, retries: options.retries ?? retry.retries },
    socketFactory: createSocketFactory(options.onRequest),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: createLogCreator(logger),
  };
}

/** A kafkajs client. Never share one between a consumer and producers: it keeps committed offsets for all of them. */
export function createClient(
  connection: KafkaConnection,
  logger: Logger,
  options: ClientOptions = {},
): Kafka {
  return new kafkajs.Kafka(config(connection, logger, options));
}

/** A bare cluster: connections and metadata without consumer or producer, reading committed records. */
export function createCluster(connection: KafkaConnection, logger: Logger): Cluster {
  const { logLevel, logCreator, ...rest } = config(connection, logger, {});
  return new internals.Cluster({
    ...rest,
    logger: internals.createLogger({ level: logLevel ?? 0, logCreator }),
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    isolationLevel: 1,
  });
}
