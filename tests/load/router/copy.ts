/**
 * A ceiling: a task that copies every record of `KEELSON_BENCH_INPUTS` to one topic, key, bytes and headers as they are,
 * exactly once; nothing is decoded, nothing is kept.
 */
import type { RecordName } from '@keelson/contracts';
import { createLogger, kafkaConnection, readConfiguration } from '@keelson/service';
import { runTasks } from '@keelson/stream';
import type { Codec, OutputRecord } from '@keelson/stream';
import { answerReady } from './answer-ready.ts';

const { settings } = readConfiguration(process.env);
const inputs = (process.env['KEELSON_BENCH_INPUTS'] ?? '').split(',');
const topic = process.env['KEELSON_BENCH_TOPIC'] ?? '';
/** Any: the bytes stand for themselves. */
const record: RecordName = 'keelson.internal.Ingress';
const asItIs: Codec = {
  encode: (_topic, _record, value) => value as unknown as Buffer,
  decode: bytes => ({ record, value: bytes as never }),
  learn: async () => undefined,
};
let records = 0;
let bytes = 0;
const tasks = runTasks(
  {
    ...{ service: 'bench', room: 'copy', inputs, stores: [] },
    // About as many as a batch of the router writes.
    maxBatchRecords: 2_000,
    createHandler: () => ({
      process(batch, context) {
        for (const { key, bytes: value, headers, timestampMs } of batch) {
          context.send({ topic, key, record, value, headers, timestampMs } as unknown as OutputRecord);
          records += 1;
          bytes += value?.length ?? 0;
        }
      },
    }),
  },
  {
    kafka: kafkaConnection('bench-copy', settings),
    codec: asItIs,
    stateDirectory: settings.KEELSON_STATE_DIRECTORY,
    partitionCount: settings.KEELSON_PARTITIONS,
    logger: createLogger('bench', settings.KEELSON_LOG_LEVEL),
  },
);
process.on('SIGTERM', () => void tasks.stop().then(() => process.exit()));
await tasks.ready;
answerReady(() => ({ records, bytes }));
