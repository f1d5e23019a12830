import { KeelsonError } from '@keelson/contracts';
import { checkEnvelope } from '@keelson/sources';
import type { VerifyResult } from '@keelson/sources';
import type { Publisher } from '@keelson/stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accept, refuse } from './answers.ts';
import type { Refusal, RefusalDetails } from './answers.ts';
import type { ReceiveMetrics } from './metrics.ts';
import { readBody } from './read-body.ts';
import type { BodyBudget } from './read-body.ts';
import { ingressRecord } from './record.ts';
import type { RequestLine } from './request-log.ts';
import type { ReceivingSource } from './source.ts';
import { startTrace } from './trace.ts';

/** Named points on a request's way, for fault tests. */
export type ReceivePoint = 'body_read' | 'verified' | 'enqueued' | 'acknowledged' | 'answered';

export interface HandlerOptions {
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly metrics: ReceiveMetrics;
  readonly budget: BodyBudget;
  /** Told of each request: ids and durations, never a body. */
  readonly log: (line: RequestLine) => void;
  /** Told of what must not happen. */
  readonly onError: (error: unknown) => void;
  readonly nowMs: () => number;
  readonly faultPoint?: ((point: ReceivePoint) => void) | undefined;
}

/** How long a sender should wait when the broker is away. */
const brokerRetrySeconds = 2;
const overloadRetrySeconds = 1;

export type HandleRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  sources: readonly ReceivingSource[],
) => void;

/**
 * One request from its body to its answer: read, verify over the raw bytes, take from the source's rate, split, publish,
 * and only after the broker's acknowledgement of everything say 2xx. `sources` are those that its path may mean; the
 * first whose secrets verify it.
 */
export function createHandler(options: HandlerOptions): HandleRequest {
  const { publisher, metrics, budget, log, onError, nowMs, faultPoint } = options;

  return (request, response, sources) => {
    const startedMs = performance.now();
    readBody(request, budget, (read, taken) => {
      const release = (): void => budget.give(taken);
      if (read.ok) void store(request, response, sources, read.body, startedMs).finally(release);
      else release();
      if (!read.ok && read.reason !== 'gone') turnAway(response, sources, read.reason);
    });
  };

  /** The rest of the body is not wanted: the connection ends with the answer. */
  function turnAway(
    response: ServerResponse,
    sources: readonly ReceivingSource[],
    refusal: 'too_large' | 'overloaded',
  ): void {
    metrics.refused(sources[0]?.name ?? null, refusal);
    const retry = refusal === 'overloaded' ? { retryAfterSeconds: overloadRetrySeconds } : {};
    refuse(response, refusal, { ...retry, close: true });
  }

  async function store(
    request: IncomingMessage,
    response: ServerResponse,
    sources: readonly ReceivingSource[],
    body: Buffer,
    startedMs: number,
  ): Promise<void> {
    const { headers } = request;
    const receivedMs = nowMs();
    faultPoint?.('body_read');
    const verified = verify(sources, request, body, receivedMs);
    const { source, result } = verified;
    const tell = (refusal: Refusal | null, ids: RequestLine['ids'], traceparent: string | null): void => {
      const durationMs = performance.now() - startedMs;
      log({ source: source.name, refusal, ids, bytes: body.length, durationMs, traceparent });
    };
    const no = (refusal: Refusal, details?: RefusalDetails): void => {
      metrics.refused(source.name, refusal);
      tell(refusal, [], null);
      refuse(response, refusal, details);
    };
    if (!result.ok) return no(`${result.reason}_signature`);
    faultPoint?.('verified');
    if (source.kind === 'api') {
      const checked = checkEnvelope(body);
      if (!checked.ok) return no('invalid_event', { faults: checked.faults });
    }
    const waitSeconds = source.bucket.take(receivedMs);
    if (waitSeconds > 0) return no('rate_limited', { retryAfterSeconds: waitSeconds });
    const trace = startTrace(traceparentIn(request), source.name);
    try {
      const deliveries = source.receiver.split(body, { account: source.account, headers });
      const { secretId } = result;
      const { traceparent } = trace;
      const stored = publisher.publish(
        deliveries.map(delivery =>
          ingressRecord(source, delivery, { headers, secretId, receivedMs, traceparent }),
        ),
      );
      faultPoint?.('enqueued');
      await stored;
      faultPoint?.('acknowledged');
      metrics.accepted(source.name, deliveries.length, (performance.now() - startedMs) / 1000);
      tell(
        null,
        deliveries.map(delivery => delivery.deliveryId),
        traceparent,
      );
      accept(response, source.kind === 'api' ? 202 : 200, faultPoint && (() => faultPoint('answered')));
    } catch (error) {
      if (error instanceof KeelsonError && error.kind === 'unavailable') {
        return no('broker_unavailable', { retryAfterSeconds: brokerRetrySeconds });
      }
      onError(error);
      no('internal');
    } finally {
      trace.end();
    }
  }
}

interface Verified {
  readonly source: ReceivingSource;
  readonly result: VerifyResult;
}

function verify(
  sources: readonly ReceivingSource[],
  { headers }: IncomingMessage,
  rawBody: Buffer,
  nowMs: number,
): Verified {
  let first: Verified | undefined;
  for (const source of sources) {
    const { receiver, secrets, toleranceMs } = source;
    const result = receiver.verify({ headers, rawBody, secrets, nowMs, toleranceMs });
    if (result.ok) return { source, result };
    first ??= { source, result };
  }
  if (first === undefined) throw new Error('a request was routed to no source');
  return first;
}

function traceparentIn({ headers }: IncomingMessage): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? traceparent : undefined;
}
