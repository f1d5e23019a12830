import { invalidEvent } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import { isUtf8 } from 'node:buffer';
import type { MapContext, Mapper, Mapping } from '../mapping.ts';
import { deliveryHash } from './delivery-hash.ts';
import type { Fields } from './fields.ts';
import {
  flag,
  isObject,
  optionalObject,
  optionalText,
  requiredId,
  requiredInstant,
  requiredText,
} from './fields.ts';
import { livemodeHeader } from './livemode.ts';
import { mapperOf } from './objects.ts';
import { mappingVersion } from './telling.ts';
import type { Telling } from './telling.ts';

/** A raw delivery of Stripe's, or a fetched object, as canonical facts. */
export const mapStripe: Mapper = (ingress, context) => {
  const payload = parse(ingress.payload);
  const hash = deliveryHash(ingress.payload);
  return payload['object'] === 'event'
    ? mapEvent(ingress, context, payload, hash)
    : mapFetched(ingress, context, payload, hash);
};

function mapEvent(ingress: Ingress, context: MapContext, event: Fields, hash: string): Mapping {
  const data = optionalObject(event, 'data');
  const object = data === null ? null : optionalObject(data, 'object');
  if (data === null || object === null) throw invalidEvent('schema', 'the event carries no data.object');
  const type = requiredText(event, 'type');
  const previous = optionalObject(data, 'previous_attributes');
  const telling: Telling = {
    ...common(ingress, context),
    eventId: requiredId(event),
    eventType: type,
    apiVersion: optionalText(event, 'api_version'),
    at: requiredInstant(event, 'created'),
    livemode: flag(event, 'livemode'),
    changed: previous === null ? [] : Object.keys(previous),
  };
  return mapObject(telling, object, hash);
}

/** The bare object: its state as of the moment it was answered. */
function mapFetched(ingress: Ingress, context: MapContext, object: Fields, hash: string): Mapping {
  if (ingress.origin === 'webhook') throw invalidEvent('schema', 'not an event');
  const said = object['livemode'] ?? ingress.headers[livemodeHeader] !== 'false';
  const telling: Telling = {
    ...common(ingress, context),
    eventId: null,
    eventType: null,
    apiVersion: null,
    at: ingress.received_at,
    livemode: said === true,
    changed: [],
  };
  return mapObject(telling, object, hash);
}

const common = (
  ingress: Ingress,
  context: MapContext,
): Pick<Telling, 'source' | 'account' | 'alias' | 'context'> => ({
  source: ingress.source,
  account: ingress.account,
  alias: ingress.alias,
  context,
});

function mapObject(telling: Telling, object: Fields, hash: string): Mapping {
  const told = { contentHash: hash, mappingVersion };
  const yielded = mapperOf(telling.eventType, requiredText(object, 'object'))(telling, object);
  if ('rule' in yielded) return { outcome: 'filtered', rule: yielded.rule, ...told };
  const { facts = [], claims = [], fetches = [] } = yielded;
  return { outcome: 'facts', facts, claims, fetches, ...told };
}

function parse(payload: Buffer): Fields {
  if (!isUtf8(payload)) throw invalidEvent('not_utf8', 'the body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw invalidEvent('not_json', 'the body is not JSON', { cause });
  }
  if (!isObject(value)) throw invalidEvent('schema', 'the body is not an object');
  return value;
}
