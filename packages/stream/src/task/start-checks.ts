import { misconfigured } from '@keelson/contracts';
import { createLogReader, isUnknownTopic, type LogReader } from '../client/index.ts';
import type { TaskOptions } from './options.ts';

/**
 * Every topic exists with the installation's partition count, or it throws `Misconfigured`, naming all that don't. Topics
 * are matched by partition number: a count that differs would give one customer to two tasks.
 */
export async function checkTopics(
  topics: readonly string[],
  { partitionCount, kafka, logger }: Pick<TaskOptions, 'partitionCount' | 'kafka' | 'logger'>,
): Promise<void> {
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const topic of topics) {
    const count = await partitionsOf(topic, createLogReader(kafka, logger));
    if (count === undefined) missing.push(topic);
    else if (count !== partitionCount) wrong.push(`${topic} (${count})`);
  }
  const faults = [
    ...(missing.length > 0 ? [`missing topics: ${missing.join(', ')}`] : []),
    ...(wrong.length > 0 ? [`expected ${partitionCount} partitions: ${wrong.join(', ')}`] : []),
  ];
  if (faults.length > 0)
    throw misconfigured(missing.length > 0 ? 'topics_missing' : 'partition_counts_differ', faults.join('; '));
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
