import { metrics, type Attributes } from '@opentelemetry/api';
import { telemetry } from '@keelson/contracts';

/** What one room tells about its tasks. */
export interface RoomMetrics {
  batch(records: number, topic: string): void;
  transaction(): void;
  doubt(reason: string): void;
  fence(): void;
  offsetsOutOfRange(topic: string): void;
  stop(): void;
}

export interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  readonly seconds: number;
}

/** `lags` is asked when metrics are collected, and not otherwise. */
export function createRoomMetrics(room: string, lags: () => readonly Lag[]): RoomMetrics {
  const { metrics: names, attributes } = telemetry;
  const meter = metrics.getMeter('@keelson/stream');
  const base: Attributes = { [attributes.room]: room };
  const batchRecords = meter.createHistogram(names.batchRecords, {
    description: 'Records in a batch',
    unit: '{record}',
  });
  const transactions = meter.createCounter(names.transactions, { description: 'Transactions committed' });
  const doubts = meter.createCounter(names.doubts, {
    description: 'Times a task discarded everything and took over again',
  });
  const fences = meter.createCounter(names.fences, { description: 'Times a task found itself fenced' });
  const outOfRange = meter.createCounter(names.offsetsOutOfRange, {
    description: 'Times records were gone before they were read',
  });
  const lagRecords = meter.createObservableGauge(names.lagRecords, {
    description: 'Records not yet processed',
    unit: '{record}',
  });
  const lagSeconds = meter.createObservableGauge(names.lagSeconds, {
    description: 'Age of the oldest record in hand',
    unit: 's',
  });
  const observe =
    (pick: (lag: Lag) => number) => (result: { observe(value: number, attributes: Attributes): void }) => {
      for (const lag of lags())
        result.observe(pick(lag), {
          ...base,
          [attributes.destination]: lag.topic,
          [attributes.partition]: String(lag.partition),
        });
    };
  const observeRecords = observe(lag => lag.records);
  const observeSeconds = observe(lag => lag.seconds);
  lagRecords.addCallback(observeRecords);
  lagSeconds.addCallback(observeSeconds);
  return {
    batch: (records, topic) => batchRecords.record(records, { ...base, [attributes.destination]: topic }),
    transaction: () => transactions.add(1, base),
    doubt: reason => doubts.add(1, { ...base, [attributes.reason]: reason }),
    fence: () => fences.add(1, base),
    offsetsOutOfRange: topic => outOfRange.add(1, { ...base, [attributes.destination]: topic }),
    stop() {
      lagRecords.removeCallback(observeRecords);
      lagSeconds.removeCallback(observeSeconds);
    },
  };
}
