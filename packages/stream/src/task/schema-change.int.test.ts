import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { schemas } from '@keelson/contracts';
import { platform, waitFor } from '@keelson/testkit';
import type { TaskContext, TaskDefinition, TaskRecord } from '../api.ts';
import { createCodec, fetchSchema, registerSchemas, type Codec } from '../codec/index.ts';
import { readTopic } from '../reader.ts';
import {
  counting,
  createWorld,
  record,
  running,
  sample,
  startMs,
  tally,
  type Sample,
  type World,
} from '../testing/support.ts';

let world: World;
let registryUrl: string;
beforeEach(async () => {
  world = await createWorld();
  ({ registryUrl } = await platform());
}, startMs);
afterEach(() => world.close());

const key = 'k';
const first = schemas[record] ?? '';
/** A later release: one more field, with a default. */
const second = JSON.stringify({
  ...(JSON.parse(first) as object),
  fields: [
    ...(JSON.parse(first) as { fields: object[] }).fields,
    { name: 'added', type: 'string', default: 'none' },
  ],
});
const nowhere = 'http://127.0.0.1:1';

/** What a service of one release has: its own schema, and the ids that `schemas apply` gave it. */
async function release(schema: string): Promise<(ask?: (id: number) => Promise<string>) => Codec> {
  const topics = [...world.inputs, world.output, world.store.topic];
  const ids = await registerSchemas(
    registryUrl,
    topics.map(topic => ({ subject: `${topic}-${record}`, schema, compatibility: 'FULL_TRANSITIVE' })),
  );
  return ask =>
    createCodec({ schemas: { ...schemas, [record]: schema }, ids, ...(ask && { fetchSchema: ask }) });
}

const feed = (codec: Codec, texts: readonly string[]): Promise<void> =>
  world.feedBytes(
    world.inputs[0] ?? '',
    0,
    texts.map(text =>
      codec.encode(world.inputs[0] ?? '', record, { ...sample(text), added: text } as Sample),
    ),
  );

/** Counts, and looks at all of its state: with every batch, or already when it is made. */
function watching(states: unknown[], early: boolean): TaskDefinition {
  const definition = counting(world);
  const look = (context: TaskContext): void => {
    for (const [, value] of context.store(world.store).entries()) states.push(value);
  };
  return {
    ...definition,
    async createHandler(context) {
      if (early) look(context);
      const handler = await definition.createHandler(context);
      return {
        process(batch, inner) {
          look(inner);
          return handler.process(batch, inner);
        },
      };
    },
  };
}

test.each([
  ['from a warm local store', { directory: 'a', early: false }],
  ['from a warm local store, while the handler is made', { directory: 'a', early: true }],
  ['from the changelog alone', { directory: 'b', early: false }],
])(
  'state of an earlier release is read under its own schema, %s; while the registry is away the task waits and says why',
  async (_, { directory, early }) => {
    const stateIn = (name: string) => ({ stateDirectory: `${world.stateDirectory}/${name}` });
    const earlier = (await release(first))();
    await feed(earlier, ['1', '2', '3']);
    {
      await using tasks = running(counting(world), world.options({ codec: earlier, ...stateIn('a') }));
      await tasks.ready;
      await waitFor('state of the first release', async () => (await output(earlier)).length === 3);
    }

    let url = nowhere;
    const explained: number[] = [];
    const codecOf = await release(second);
    const codec = codecOf(async id => {
      const text = await fetchSchema(url, id);
      explained.push(id);
      return text;
    });
    await feed(codec, ['4', '5']);
    const states: unknown[] = [];
    await using tasks = running(watching(states, early), world.options({ codec, ...stateIn(directory) }));
    const waiting = await waitFor('why it waits', () =>
      tasks.status().tasks.find(({ problem }) => problem?.includes('cannot explain schema') === true),
    );
    expect(waiting).toMatchObject({ partition: 0, phase: 'taking_over' });
    expect(states).toEqual([]);
    expect(await output(earlier)).toHaveLength(3);

    url = registryUrl;
    const reader = codecOf(id => fetchSchema(registryUrl, id));
    await waitFor('the rest', async () => (await output(reader)).length === 5);
    expect(states[0]).toEqual({ ...sample(key, 3), added: 'none' });
    expect(tally(await output(reader))).toEqual({ records: 5, duplicates: [], brokenCounts: [] });
    expect(explained).toHaveLength(1);
    const { doubts, tasks: partitions } = tasks.status();
    expect(doubts).toBe(0);
    expect(partitions.map(({ phase, problem }) => [phase, problem])).toEqual(
      partitions.map(() => ['running', undefined]),
    );
  },
);

async function output(codec: Codec): Promise<TaskRecord[]> {
  const records: TaskRecord[] = [];
  for await (const each of readTopic(world.output, { kafka: world.kafka, codec })) records.push(each);
  return records;
}
