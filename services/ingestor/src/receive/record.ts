import { headers as names, microsOfMs, topics } from '@keelson/contracts';
import type { Delivery, RequestHeaders } from '@keelson/sources';
import type { OutputRecord } from '@keelson/stream';
import type { ReceivingSource } from './source.ts';

/** What of a request's headers is kept. */
const kept = ['user-agent', 'webhook-id', 'webhook-timestamp'] as const;

/** One delivery as a record of `ingress.<source>`. */
export function ingressRecord(
  source: ReceivingSource,
  delivery: Delivery,
  request: {
    readonly headers: RequestHeaders;
    readonly secretId: string;
    readonly receivedMs: number;
    readonly traceparent: string;
  },
): OutputRecord<'keelson.internal.Ingress'> {
  const contentType = request.headers['content-type'];
  return {
    topic: topics.ingress(source.name),
    key: delivery.alias,
    record: 'keelson.internal.Ingress',
    timestampMs: request.receivedMs,
    headers: { [names.traceparent]: request.traceparent },
    value: {
      delivery_id: delivery.deliveryId,
      source: source.name,
      account: delivery.account,
      received_at: microsOfMs(request.receivedMs),
      content_type: typeof contentType === 'string' ? contentType.slice(0, 255) : null,
      headers: keptHeaders(request.headers),
      payload: delivery.payload,
      alias: delivery.alias,
      secret_id: request.secretId,
      origin: source.kind === 'api' ? 'api' : 'webhook',
    },
  };
}

function keptHeaders(headers: RequestHeaders): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of kept) {
    const value = headers[name];
    if (typeof value === 'string') found[name] = value.slice(0, 255);
  }
  return found;
}
