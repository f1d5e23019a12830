import {
  KeelsonError,
  codeOf,
  dispositionOf,
  headers as names,
  microsOfMs,
  topics,
} from '@keelson/contracts';
import type { FetchRequest } from '@keelson/contracts';
import type { Fetched, Poller, SourceClient } from '@keelson/sources';
import type { InputRecord, Logger, TaskContext, TaskDefinition, TaskRecord } from '@keelson/stream';
import { longestWaitMs, notLetIn } from './gate.ts';
import type { Gate } from './gate.ts';
import type { PollMetrics } from './metrics.ts';
import { faultOf, rejectedRecord } from './rejected.ts';

export interface FetchTaskOptions {
  readonly source: string;
  readonly poller: Poller;
  readonly client: SourceClient;
  readonly gate: Gate;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly metrics: PollMetrics;
  /** Told how the last request went: undefined, or why it could not be answered. */
  readonly onProblem: (problem: string | undefined) => void;
}

type Asked = InputRecord<'keelson.internal.FetchRequest'>;

/** How often one request is tried before the next ones get their turn. */
const tries = 3;
const firstWaitMs = 500;

/**
 * `fetch.<source>` → `ingress.<source>`: the answer is written in the transaction that ends the request. What cannot be
 * had now goes to the end of the line, in the same transaction: nothing is lost, and one object that its source cannot
 * give keeps nobody else waiting. What can never be had, because it is no request or none that can be asked, ends on
 * `rejected` with its bytes.
 */
export function fetchTask(options: FetchTaskOptions): TaskDefinition {
  const { source, gate, concurrency, logger } = options;
  const input = topics.fetch(source);
  return {
    service: 'ingestor',
    room: `poll-${source}`,
    inputs: [input],
    stores: [],
    maxBatchRecords: concurrency * 4,
    lingerMs: 20,
    createHandler: context => ({
      demand: () => (gate.closedUntilMs() - context.now() > longestWaitMs ? 0 : concurrency * 4),
      process: async batch => {
        for (const record of batch) {
          const fault = faultOf(record);
          if (fault !== undefined) reject(options, record, fault, context);
        }
        const requests = distinct(batch.filter(isRequest));
        await Promise.all(requests.map(asked => answer(options, asked, context)));
        logger.debug?.({ source, requests: requests.length }, 'fetched');
      },
    }),
  };
}

const isRequest = (record: TaskRecord): record is Asked =>
  record.record === 'keelson.internal.FetchRequest' && record.value !== null;

/** One of several requests for the same object in one batch; the answer is the same. */
function distinct(requests: readonly Asked[]): readonly Asked[] {
  const keyOf = ({ value }: Asked): string =>
    JSON.stringify([value?.account, value?.alias, value?.object_type, value?.object_id]);
  return [...new Map(requests.map(asked => [keyOf(asked), asked])).values()];
}

/** It ends here, once; the partition goes on. */
function reject(options: FetchTaskOptions, record: TaskRecord, error: unknown, context: TaskContext): void {
  const { source, logger, metrics } = options;
  context.send(rejectedRecord(record, source, error, context.now()));
  metrics.rejected(codeOf(error));
  logger.warn(
    { source, error_code: codeOf(error), position: context.position(record) },
    'fetch request rejected',
  );
}

async function answer(options: FetchTaskOptions, asked: Asked, context: TaskContext): Promise<void> {
  const request = asked.value as FetchRequest;
  const { traceparent } = asked.headers;
  const headers = traceparent === undefined ? {} : { [names.traceparent]: traceparent };
  let fetched: Fetched | undefined;
  try {
    fetched = await tryToFetch(options, request, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return reject(options, asked, error, context);
  }
  if (fetched === undefined) {
    context.send({
      topic: topics.fetch(options.source),
      key: asked.key,
      record: 'keelson.internal.FetchRequest',
      value: request,
      headers,
    });
    return;
  }
  const receivedMs = context.now();
  context.send({
    topic: topics.ingress(options.source),
    key: fetched.alias,
    record: 'keelson.internal.Ingress',
    timestampMs: receivedMs,
    headers,
    value: {
      delivery_id: null,
      source: options.source,
      account: fetched.account,
      received_at: microsOfMs(receivedMs),
      content_type: 'application/json',
      headers: fetched.headers,
      payload: fetched.payload,
      alias: fetched.alias,
      secret_id: null,
      origin: 'fetch',
    },
  });
}

/** Undefined when it cannot be had now. Throws when the partition is lost or the service stops, and what can never be had. */
async function tryToFetch(
  { poller, client, logger, metrics, onProblem, source }: FetchTaskOptions,
  request: FetchRequest,
  context: TaskContext,
): Promise<Fetched | undefined> {
  for (let attempt = 1; ; attempt++) {
    context.signal.throwIfAborted();
    try {
      const fetched = await poller(request, client);
      onProblem(undefined);
      return fetched;
    } catch (error) {
      context.signal.throwIfAborted();
      if (codeOf(error) === notLetIn) return undefined;
      const disposition = dispositionOf(error);
      if (disposition === 'reject' || disposition === 'park') throw error;
      const message = error instanceof Error ? error.message : 'unknown';
      onProblem(message);
      metrics.failed(codeOf(error));
      logger[disposition === 'pause' ? 'error' : 'warn'](
        { source, object_type: request.object_type, error_code: codeOf(error), attempt, error: message },
        'a fetch failed',
      );
      const again = error instanceof KeelsonError && error.kind === 'unavailable' && attempt < tries;
      await wait(again ? firstWaitMs * 2 ** (attempt - 1) : firstWaitMs, context.signal);
      if (!again) return undefined;
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', abort);
        resolve();
      },
      ms * (0.75 + Math.random() / 2),
    );
    signal.addEventListener('abort', abort, { once: true });
  });
}
