import type { LogEntry, logCreator } from 'kafkajs';
import type { Logger } from '../logger.ts';
import { kafkajs } from './kafkajs.ts';

const { logLevel } = kafkajs;

/**
 * kafkajs shouts: it logs at ERROR what it is about to retry, among it every second transaction's CONCURRENT_TRANSACTIONS.
 * What matters is logged by whoever gets the error, so each level is taken one down and known noise to debug.
 */
export function createLogCreator(logger: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, ...rest } }: LogEntry) => {
      const fields = { logger: 'kafkajs', namespace, ...withoutNoise(rest) };
      if (level === logLevel.ERROR && !isNoise(message)) logger.warn(fields, message);
      else if (level === logLevel.WARN) logger.info(fields, message);
      else logger.debug(fields, message);
    };
}

/** Each refused request is logged by the connection, and its error reaches whoever asked: there it is dealt with or logged. */
const isNoise = (message: string): boolean =>
  /^(Response|Request|Connection|Failed to connect to) /.test(message) || isConcurrency(message);
const isConcurrency = (message: string): boolean =>
  message.includes('concurrent operation on the same transaction');

/** Ours has a time, and a logger of its own. */
function withoutNoise(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !['timestamp', 'logger', 'stack'].includes(name)),
  );
}
