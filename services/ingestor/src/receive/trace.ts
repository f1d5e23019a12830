import { headers } from '@keelson/contracts';
import { spanContextOf, traceparentOf } from '@keelson/stream';
import { context, SpanKind, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { randomFillSync } from 'node:crypto';

/** The trace that a request belongs to: what goes into the record's headers, and the span to end. */
export interface RequestTrace {
  readonly traceparent: string;
  end(): void;
}

/** Goes on with the sender's trace, or starts one; also when no tracing is set up, so that records can always be followed. */
export function startTrace(incoming: string | undefined, source: string): RequestTrace {
  const parent = incoming === undefined ? undefined : spanContextOf({ [headers.traceparent]: incoming });
  const around = parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
  const span: Span = trace
    .getTracer('@keelson/ingestor')
    .startSpan('receive', { kind: SpanKind.SERVER, attributes: { 'keelson.source': source } }, around);
  const own = traceparentOf(span.spanContext());
  const traceId = parent?.traceId ?? randomHex(16);
  // Without an SDK a span has its parent's id, or none.
  const isNew = own !== undefined && span.spanContext().spanId !== parent?.spanId;
  return {
    traceparent: isNew ? own : `00-${traceId}-${randomHex(8)}-01`,
    end: () => span.end(),
  };
}

const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bytes drawn a page at a time: asking the system for each costs more than the rest of a request. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
