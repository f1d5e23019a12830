import { events, invalidEvent } from '@keelson/contracts';
import type { EventType } from '@keelson/contracts';
import { isUtf8 } from 'node:buffer';
import { fromJson } from './from-json.ts';
import { nounSchema } from './nouns.ts';
import { isAlias } from './ids.ts';
import { microsOfIso } from './instant.ts';
import { moneyFaults } from './money.ts';

/** What others may send: `{id, type, timestamp, data}`, where `data` is the type's noun and `data.subject` its alias. */
export interface Envelope {
  readonly id: string;
  readonly type: EventType;
  /** When it happened, in microseconds. */
  readonly timestamp: number;
  readonly livemode: boolean;
  readonly subject: string;
  /** The noun's fields as its record has them, ids still as they were sent. */
  readonly noun: Readonly<Record<string, unknown>>;
  /** As it was sent; for the content's hash. */
  readonly data: unknown;
}

/** One thing wrong with an event: where, and what. */
export interface Fault {
  /** JSON pointer. */
  readonly path: string;
  readonly message: string;
}

export type Checked =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const known = new Set(['id', 'type', 'timestamp', 'data', 'livemode']);

/** Reads an event whole, telling every fault with its place. Never throws. */
export function checkEnvelope(rawBody: Buffer): Checked {
  const body = parse(rawBody);
  if (!isObject(body)) return { ok: false, faults: [{ path: '', message: 'not a JSON object in UTF-8' }] };
  const faults: Fault[] = Object.keys(body)
    .filter(key => !known.has(key))
    .map(key => ({ path: `/${key}`, message: 'not a field of an event' }));
  const { id, type, timestamp, data, livemode } = body;
  if (typeof id !== 'string' || id === '' || id.length > 255) {
    faults.push({ path: '/id', message: 'not text of 1 to 255 characters' });
  }
  const at = microsOfIso(timestamp);
  if (at === undefined)
    faults.push({ path: '/timestamp', message: 'not a time of ISO 8601 with its offset' });
  if (livemode !== undefined && typeof livemode !== 'boolean') {
    faults.push({ path: '/livemode', message: 'not true or false' });
  }
  if (!isEventType(type)) faults.push({ path: '/type', message: 'not an event of the contract' });
  if (!isObject(data)) faults.push({ path: '/data', message: 'not an object' });
  const subject = isObject(data) ? data['subject'] : undefined;
  if (isObject(data) && !isAlias(subject)) {
    faults.push({ path: '/data/subject', message: 'not an alias: system:account:id' });
  }
  const noun = isEventType(type) && isObject(data) ? nounOf(type, data, faults) : undefined;
  if (faults.length > 0) return { ok: false, faults };
  const envelope = { id, type, timestamp: at, livemode: livemode !== false, subject, noun, data };
  return { ok: true, envelope: envelope as Envelope };
}

/** The same for the mapping: throws invalidEvent with the faults. */
export function readEnvelope(rawBody: Buffer): Envelope {
  const checked = checkEnvelope(rawBody);
  if (checked.ok) return checked.envelope;
  const told = checked.faults
    .slice(0, 10)
    .map(({ path, message }) => `${path === '' ? 'body' : path}: ${message}`);
  throw invalidEvent('schema', told.join('; '));
}

function nounOf(type: EventType, data: Readonly<Record<string, unknown>>, faults: Fault[]): unknown {
  const fields = Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'subject'));
  const { noun } = events[type];
  const read = fromJson(
    nounSchema(noun),
    noun === 'Customer' ? customerFields(type, fields) : fields,
    '/data',
  );
  faults.push(...read.faults, ...moneyFaults(read.value, '/data'));
  return read.value;
}

/** Tax ids that are not sent are not told; a deleted customer is deleted whatever its fields say. */
const customerFields = (
  type: EventType,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  tax_ids_told: Object.hasOwn(fields, 'tax_ids'),
  ...fields,
  ...(type === 'customer.deleted' ? { deleted: true } : {}),
});

function parse(rawBody: Buffer): unknown {
  if (!isUtf8(rawBody)) return undefined;
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
}

const isEventType = (type: unknown): type is EventType =>
  typeof type === 'string' && Object.hasOwn(events, type);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
