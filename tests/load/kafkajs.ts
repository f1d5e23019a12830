/** kafkajs as it comes, without what packages/stream repairs and replaces: for ceilings. Not to be loaded beside that. */
import { createRequire } from 'node:module';
import type * as KafkaJS from 'kafkajs';

export const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof KafkaJS;
