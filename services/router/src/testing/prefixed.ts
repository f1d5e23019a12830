import type { OutputRecord, TaskContext, TaskDefinition, TaskRecord } from '@keelson/stream';
import type { RecordCodec } from '../ports.ts';

/**
 * The same room on topics of its own, so that tests share a broker: every topic gets the prefix on its way to Kafka, and
 * loses it on its way in.
 */
export function prefixed(definition: TaskDefinition, named: (topic: string) => string): TaskDefinition {
  const prefix = named('');
  const inside = (topic: string): string => (topic.startsWith(prefix) ? topic.slice(prefix.length) : topic);
  const contextOf = (context: TaskContext): TaskContext => ({
    ...context,
    store: store => context.store({ ...store, topic: named(store.topic) }),
    send: (...outputs: readonly OutputRecord[]) =>
      context.send(...outputs.map(output => ({ ...output, topic: named(output.topic) }))),
    position: record => context.position({ ...record, topic: inside(record.topic) }),
  });
  return {
    ...definition,
    service: named(definition.service),
    inputs: definition.inputs.map(named),
    stores: definition.stores.map(store => ({ ...store, topic: named(store.topic) })),
    async createHandler(context) {
      const handler = await definition.createHandler(contextOf(context));
      return {
        process: (batch, task) =>
          handler.process(
            batch.map((record): TaskRecord => ({ ...record, topic: inside(record.topic) })),
            contextOf(task),
          ),
        tick: task => handler.tick?.(contextOf(task)),
      };
    },
  };
}

/** Schema ids are registered for the prefixed names. */
export const prefixedCodec = (codec: RecordCodec, named: (topic: string) => string): RecordCodec => ({
  encode: (topic, record, value) => codec.encode(named(topic), record, value),
  decode: bytes => codec.decode(bytes),
});
