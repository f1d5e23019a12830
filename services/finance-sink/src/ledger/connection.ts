import pg from 'pg';
import type { QueryResultRow } from 'pg';
import { connectError, keepsConnection } from './errors.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** The server gives up a statement after this; the client a little later, when not even that is heard. */
  readonly statementTimeoutMs: number;
}

export interface Connection {
  /**
   * One statement; `onSent` is awaited once it is on its way.
   *
   * @throws connectError before anything was sent, else the driver's own error.
   */
  query<R extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
    onSent?: OnSent,
  ): Promise<readonly R[]>;
  close(): Promise<void>;
}

export type OnSent = () => void | Promise<void>;

export function openConnection(options: ConnectionOptions): Connection {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: 'keelson-finance-sink',
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 1_000,
    keepAlive: true,
    // A commit that is answered is on disk.
    options: '-c synchronous_commit=on -c timezone=UTC',
  });
  // An idle connection that breaks is replaced at the next checkout; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    async query<R extends QueryResultRow>(text: string, values: readonly unknown[], onSent?: OnSent) {
      const client = await pool.connect().catch((error: unknown) => {
        throw connectError(error);
      });
      client.on('error', ignore);
      try {
        const [{ rows }] = await Promise.all([client.query<R>(text, [...values]), onSent?.()]);
        client.off('error', ignore);
        client.release();
        return rows;
      } catch (error) {
        const keep = keepsConnection(error);
        if (keep) client.off('error', ignore);
        client.release(!keep);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** The running statement fails with the same error. */
const ignore = (): void => undefined;
