import type { AvroType, EventDeclaration, NamedType } from './load.ts';
import type { TopicDeclaration } from './topics.ts';

const familyDocs: Record<string, string> = {
  events:
    'Read with isolation.level=read_committed: other readers see records of transactions that were undone.',
};

/** The topics that others may subscribe to, as AsyncAPI 3 with the Avro schemas in place. */
export function generateAsyncApi(
  topics: readonly TopicDeclaration[],
  schemas: ReadonlyMap<string, NamedType>,
  events: readonly EventDeclaration[],
): object {
  const open = topics.filter(topic => topic.readBy.includes('subscribers'));
  const typeOf = new Map(events.map(event => [event.record, event.type]));
  const records = [...new Set(open.flatMap(topic => topic.records))];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Keelson',
      version: '1.0.0',
      description:
        'Canonical events and state of a company’s SaaS platforms. Values are Avro in the Confluent wire format ' +
        '(magic byte 0, schema id, body), keys are UTF-8 strings. ' +
        familyDocs['events'],
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    channels: Object.fromEntries(open.map(topic => [channelId(topic.name), channel(topic)])),
    operations: Object.fromEntries(
      open.map(topic => [
        `subscribe.${topic.name}`,
        { action: 'send', channel: { $ref: `#/channels/${channelId(topic.name)}` }, summary: topic.doc },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        records.map(record => [record, message(record, typeOf.get(record), schemas.get(record))]),
      ),
    },
  };
}

const channelId = (topic: string): string => topic.replaceAll('.', '-');

function channel(topic: TopicDeclaration): object {
  return {
    address: topic.name,
    description: topic.doc,
    messages: Object.fromEntries(
      topic.records.map(record => [record, { $ref: `#/components/messages/${record}` }]),
    ),
    bindings: { kafka: { topic: topic.name } },
  };
}

function message(record: string, type: string | undefined, schema: NamedType | undefined): object {
  return {
    name: type ?? record,
    title: record.slice(record.lastIndexOf('.') + 1),
    ...(schema?.doc === undefined ? {} : { summary: schema.doc }),
    ...(type === undefined ? {} : { headers: eventHeaders(type) }),
    payload: {
      schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0',
      ...(schema === undefined ? {} : { schema: withNamespaces(schema) }),
    },
    bindings: {
      kafka: { key: { type: 'string' }, schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent' },
    },
  };
}

/** The same schema with names as AsyncAPI's own check of Avro wants them: no dots, the namespace apart. */
function withNamespaces(type: AvroType): AvroType {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.map(withNamespaces);
  if ('items' in type) return { ...type, items: withNamespaces(type.items) };
  if ('values' in type) return { ...type, values: withNamespaces(type.values) };
  if (!('name' in type)) return type;
  const dot = type.name.lastIndexOf('.');
  const named = { ...type, name: type.name.slice(dot + 1), namespace: type.name.slice(0, dot) };
  if (!('fields' in named)) return named;
  return { ...named, fields: named.fields.map(field => ({ ...field, type: withNamespaces(field.type) })) };
}

function eventHeaders(type: string): object {
  const text = (description: string): object => ({ type: 'string', description });
  return {
    type: 'object',
    properties: {
      ce_id: text('event_id'),
      ce_type: { type: 'string', const: type },
      ce_source: text('system:account of the source'),
      ce_time: text('occurred_at, RFC 3339'),
      ce_specversion: { type: 'string', const: '1.0' },
      traceparent: text('W3C trace context'),
      'keelson-position': text('topic/partition/offset of the delivery that caused it'),
    },
  };
}
