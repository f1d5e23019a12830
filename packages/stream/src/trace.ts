import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { headers as headerNames, telemetry } from '@keelson/contracts';
import { messageOf } from './client/errors.ts';

const { attributes } = telemetry;
const maxLinks = 32;
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span that wrote a record, from its W3C `traceparent`; undefined when there is none, or it is malformed. */
export function spanContextOf(headers: Readonly<Record<string, string>>): SpanContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(headers[headerNames.traceparent] ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(found) ? found : undefined;
}

/** W3C `traceparent` of a span; undefined when tracing is off. */
export function traceparentOf(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

export interface BatchSpan {
  readonly topic: string;
  readonly partition: number;
  readonly groupId: string;
  readonly records: readonly { readonly headers: Readonly<Record<string, string>> }[];
}

/** Runs `work` in one `process` span for the whole batch, linked to each distinct span that wrote into it (at most 32). */
export async function inBatchSpan<T>(
  { topic, partition, groupId, records }: BatchSpan,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = trace.getTracer('@keelson/stream').startSpan(`process ${topic}`, {
    kind: SpanKind.CONSUMER,
    links: linksOf(records),
    attributes: {
      [attributes.system]: 'kafka',
      [attributes.destination]: topic,
      [attributes.partition]: String(partition),
      [attributes.consumerGroup]: groupId,
      [attributes.operationName]: 'process',
      [attributes.operationType]: 'process',
      [attributes.batchSize]: records.length,
    },
  });
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
  }
}

function linksOf(records: BatchSpan['records']): Link[] {
  const links = new Map<string, Link>();
  for (const { headers } of records) {
    const traceparent = headers[headerNames.traceparent];
    if (traceparent === undefined || links.has(traceparent)) continue;
    const found = spanContextOf(headers);
    if (found !== undefined) links.set(traceparent, { context: found });
    if (links.size === maxLinks) break;
  }
  return [...links.values()];
}
