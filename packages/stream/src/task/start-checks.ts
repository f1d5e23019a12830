import { misconfigured } from '@keelson/contracts';
import { createLogReader, isUnknownTopic, type LogReader } from '../client/index.ts';
import type { TaskOptions } from './options.ts';

/**
 * Every topic exists with the installation's partition count, or it throws `Misconfigured`, naming all that don't. Topics
 * are matched by partition number: a count that differs would give one customer to two tasks.
 */
export async function checkTopics(
  topics: readonly string[],
  { partitionCount, kafka, logger }: TaskOptions,
): Promise<void> {
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const topic of topics) {
    const count = await partitionsOf(topic, createLogReader(kafka, logger));
    if (count === undefined) missing.push(topic);
    else if (count !== partitionCount) wrong.push(`${topic} (${count})`);
  }
  if (missing.length > 0) throw misconfigured('topics_missing', `missing topics: ${missing.join(', ')}`);
  if (wrong.length > 0)
    throw misconfigured(
      'partition_counts_differ',
      `expected ${partitionCount} partitions: ${wrong.join(', ')}`,
    );
}

async function partitionsOf(topic: string, reader: LogReader): Promise<number | undefined> {
  try {
    await reader.connect([topic]);
    return reader.partitionCount(topic);
  } catch (error) {
    if (!isUnknownTopic(error)) throw error;
    return undefined;
  } finally {
    await reader.close();
  }
}
