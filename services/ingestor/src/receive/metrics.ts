import { telemetry } from '@keelson/contracts';
import { metrics } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import type { Refusal } from './answers.ts';

/** What the edge counts. */
export interface ReceiveMetrics {
  accepted(source: string, deliveries: number, seconds: number): void;
  refused(source: string | null, refusal: Refusal): void;
}

export function createReceiveMetrics(): ReceiveMetrics {
  const meter = metrics.getMeter('@keelson/ingestor');
  const { metrics: names, attributes } = telemetry;
  const accepted = meter.createCounter(names.accepted, { description: 'Deliveries stored and acknowledged' });
  const refused = meter.createCounter(names.refusedRequests, {
    description: 'Requests not accepted, by reason',
  });
  const duration = meter.createHistogram(names.requestSeconds, {
    description: 'From the first byte of a request to the broker’s acknowledgement',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3] },
  });
  const bySource = new Map<string, Attributes>();
  const of = (source: string): Attributes => {
    const known = bySource.get(source) ?? { [attributes.source]: source };
    bySource.set(source, known);
    return known;
  };
  return {
    accepted(source, deliveries, seconds) {
      accepted.add(deliveries, of(source));
      duration.record(seconds, of(source));
    },
    refused: (source, refusal) =>
      refused.add(1, { [attributes.source]: source ?? 'none', [attributes.reason]: refusal }),
  };
}
