import { javaTool, messageOf } from '@keelson/local';
import { startProcess } from './child.ts';
import type { TestProcess } from './child.ts';
import { platform } from './platform.ts';
import { waitFor } from './wait-for.ts';

/** What Kafka's own consumer says of a record. */
export type ConsoleRecord = {
  partition: number;
  offset: number;
  /** Null when the record has none. */
  key: string | null;
  headers: Readonly<Record<string, string>>;
};

export type Reached = (records: readonly ConsoleRecord[]) => boolean;

export type ConsoleReader = {
  /** All records read so far, in the order in which they were read. */
  records: () => readonly ConsoleRecord[];
  /** Waits until the records are what the test waits for. */
  until: (
    what: string,
    reached: Reached,
    options?: { timeoutMs?: number },
  ) => Promise<readonly ConsoleRecord[]>;
  stop: () => Promise<void>;
};

const MAIN = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const FIELD = '\u001f';
const HEADER = '\u001e';
const NOTHING = '\u001d';
const NO_HEADERS = 'NO_HEADERS';
const FORMAT = {
  'print.partition': true,
  'print.offset': true,
  'print.headers': true,
  'print.key': true,
  'print.value': false,
  'key.separator': FIELD,
  'headers.separator': HEADER,
  'null.literal': NOTHING,
};

/** A Kafka, by its addresses and, where it runs in one, its container. */
export type ReadFrom = { brokers: string; kafkaContainerId?: string | undefined };

/**
 * Reads a topic (or all whose name matches as a whole) from its beginning by Kafka's own Java console consumer,
 * `read_committed`, without committing offsets: what a subscriber sees, by no client of ours. It reads on until
 * stopped (at the latest at the end of the test file). Default: from the platform's Kafka.
 */
export async function readByJava(topic: string | RegExp, from?: ReadFrom): Promise<ConsoleReader> {
  const { brokers, kafkaContainerId } = from ?? (await platform());
  const which = typeof topic === 'string' ? ['--topic', topic] : ['--include', topic.source];
  const args = ['--bootstrap-server', brokers, ...which, '--from-beginning'];
  args.push('--isolation-level', 'read_committed');
  for (const [name, value] of Object.entries(FORMAT)) args.push('--formatter-property', `${name}=${value}`);
  const tool = await javaTool(MAIN, args, { containerId: kafkaContainerId });
  const reader = startProcess(tool.command, tool.args);
  const records = recordsOf(reader);
  return {
    records,
    until: async (what, reached, { timeoutMs = 60_000 } = {}) => {
      const look = (): readonly ConsoleRecord[] => {
        if (reader.exit())
          throw new Error(`the console consumer ended: ${reader.lines().slice(-10).join('\n')}`);
        return records();
      };
      await waitFor(what, () => reached(look()), { timeoutMs, everyMs: 100 }).catch((error: unknown) => {
        throw new Error(`${messageOf(error)}; ${String(topic)} holds ${records().length} records so far`, {
          cause: error,
        });
      });
      return records();
    },
    stop: async () => void (await reader.kill()),
  };
}

function recordsOf({ lines }: TestProcess): () => readonly ConsoleRecord[] {
  const records: ConsoleRecord[] = [];
  let next = 0;
  return () => {
    const all = lines();
    for (; next < all.length; next++) {
      const record = parseRecord(all[next] ?? '');
      if (record) records.push(record);
    }
    return records;
  };
}

/** A line as the consumer formats it; undefined for anything else it writes. */
export function parseRecord(line: string): ConsoleRecord | undefined {
  const [partition = '', offset = '', headers = '', key] = line.split(FIELD);
  if (!partition.startsWith('Partition:') || key === undefined) return undefined;
  return {
    partition: Number(partition.slice('Partition:'.length)),
    offset: Number(offset.slice('Offset:'.length)),
    key: key === NOTHING ? null : key,
    headers: headers === NO_HEADERS ? {} : Object.fromEntries(headers.split(HEADER).map(parseHeader)),
  };
}

function parseHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}
