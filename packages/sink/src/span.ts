import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Link } from '@opentelemetry/api';
import { telemetry } from '@keelson/contracts';
import { spanContextOf } from '@keelson/stream';

const maxLinks = 32;

/**
 * Runs one call of the port in a span of the first work's trace, linked to the others': with one work a call (as when
 * a delivery is followed by hand) the trace goes from the webhook to the effect.
 */
export async function inPortSpan<T>(
  target: string,
  works: readonly { readonly headers: Readonly<Record<string, string>> }[],
  call: () => Promise<T>,
): Promise<T> {
  const [parent, ...others] = works.flatMap(({ headers }) => spanContextOf(headers) ?? []);
  const links: Link[] = others.slice(0, maxLinks).map(each => ({ context: each }));
  const active = context.active();
  const batch = trace.getSpanContext(active);
  if (batch !== undefined) links.push({ context: batch });
  const span = trace.getTracer('@keelson/sink').startSpan(
    `apply ${target}`,
    {
      kind: SpanKind.INTERNAL,
      links,
      attributes: {
        [telemetry.attributes.target]: target,
        [telemetry.attributes.batchSize]: works.length,
      },
    },
    parent === undefined ? active : trace.setSpanContext(active, parent),
  );
  try {
    return await context.with(trace.setSpan(active, span), call);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
