import { telemetry } from '@keelson/contracts';
import { metrics } from '@opentelemetry/api';

/** What the poller counts of one source. */
export interface PollMetrics {
  /** The source could not be asked, or did not answer as it should. */
  failed(code: string): void;
  /** A request ended on `rejected`. */
  rejected(code: string): void;
}

export function createPollMetrics(source: string): PollMetrics {
  const meter = metrics.getMeter('@keelson/ingestor');
  const { metrics: names, attributes } = telemetry;
  const failures = meter.createCounter(names.fetchFailures, {
    description: 'Tries to fetch an object that failed, by reason',
  });
  const outcomes = meter.createCounter(names.outcomes, {
    description: 'Requests for an object that ended without one, by outcome',
  });
  const base = { [attributes.source]: source };
  return {
    failed: code => failures.add(1, { ...base, [attributes.reason]: code }),
    rejected: code =>
      outcomes.add(1, {
        ...base,
        [attributes.room]: 'poll',
        [attributes.outcome]: 'rejected',
        [attributes.reason]: code,
      }),
  };
}
