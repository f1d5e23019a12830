import { misconfigured } from '@keelson/contracts';
import { createLogReader, isUnknownTopic, type LogReader } from '../client/index.ts';
import type { TaskOptions } from './options.ts';

/**
 * Every topic exists with the installation's partition count, or it throws `Misconfigured`, naming all that don't. Topics
 * are matched by partition number: a count that differs would give one customer to two tasks.
 */
export async function checkTopics(
  reader: LogReader,
  topics: readonly string[],
  { partitionCount, kafka, logger }: TaskOptions,
): Promise<void> {
  try {
    await reader.connect(topics);
  } catch (error) {
    if (!isUnknownTopic(error)) throw error;
    throw misconfigured('topics_missing', `missing topics: ${(await missing(topics)).join(', ')}`, {
      cause: error,
    });
  }
  const wrong = topics
    .map(topic => ({ topic, count: reader.partitionCount(topic) }))
    .filter(({ count }) => count !== partitionCount)
    .map(({ topic, count }) => `${topic} (${count})`);
  if (wrong.length === 0) return;
  throw misconfigured(
    'partition_counts_differ',
    `expected ${partitionCount} partitions: ${wrong.join(', ')}`,
  );

  async function missing(names: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const topic of names) {
      const alone = createLogReader(kafka, logger);
      await alone.connect([topic]).catch((error: unknown) => isUnknownTopic(error) && found.push(topic));
      await alone.close();
    }
    return found;
  }
}
