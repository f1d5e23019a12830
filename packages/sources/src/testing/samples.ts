import type { Ingress } from '@keelson/contracts';
import { readdirSync, readFileSync } from 'node:fs';
import { stripeReceiver } from '../stripe/receive.ts';
import { mapStripe } from '../stripe/map.ts';
import type { MapContext, MappedDelivery, MappedFact, Mapping } from '../mapping.ts';

const folder = new URL('../stripe/samples/', import.meta.url);

export type Era = 'old' | 'current' | 'fetched';
export const account = 'acct_1';
export const alias = (id: string): string => `stripe:${account}:${id}`;

export const context: MapContext = {
  source: {
    kind: 'stripe',
    account,
    secrets_file: 'none',
    rate: { requests_per_second: 1, burst: 1 },
    tolerance_seconds: 300,
    unknown_customer: 'mint',
    api: { url: 'http://localhost', key_file: 'none', rate: { requests_per_second: 1, concurrency: 1 } },
    fetch_waiting_after_seconds: 60,
    waiting_limit_days: 25,
  },
  legalEntity: 'main',
  timeZone: 'Europe/Brussels',
};

export const sampleNames = (era: Era): readonly string[] =>
  readdirSync(new URL(era, folder)).map(file => file.replace('.json', ''));

export type Json = Record<string, unknown>;
export const sample = (era: Era, name: string): Json =>
  JSON.parse(readFileSync(new URL(`${era}/${name}.json`, folder), 'utf8')) as Json;

/** The object that an event carries; for changing it in a test. */
export const objectOf = (event: Json): Json => (event['data'] as { object: Json }).object;

export function ingressOf(payload: Buffer, changes: Partial<Ingress> = {}): Ingress {
  const [delivery] = stripeReceiver.split(payload, { account, headers: {} });
  return {
    delivery_id: delivery?.deliveryId ?? null,
    source: 'stripe',
    account: delivery?.account ?? account,
    received_at: 1_800_000_000_000_000,
    content_type: 'application/json',
    headers: {},
    payload,
    alias: delivery?.alias ?? alias(account),
    secret_id: 's1',
    origin: 'webhook',
    ...changes,
  };
}

export const mapJson = (json: unknown, changes: Partial<Ingress> = {}): Mapping =>
  mapStripe(ingressOf(Buffer.from(JSON.stringify(json)), changes), context);

export const mapSample = (era: Era, name: string, changes: Partial<Ingress> = {}): Mapping =>
  mapJson(sample(era, name), { ...(era === 'fetched' ? { origin: 'fetch' } : {}), ...changes });

export function delivered(mapping: Mapping): MappedDelivery {
  if (mapping.outcome !== 'facts') throw new Error(`filtered: ${mapping.rule}`);
  return mapping;
}

/** The one fact of a type, with its body taken out of the union. */
export function factOf(mapping: Mapping, type: string): { fact: MappedFact; body: Record<string, unknown> } {
  const fact = delivered(mapping).facts.find(one => one.type === type);
  if (fact === undefined) throw new Error(`no ${type}`);
  return { fact, body: Object.values(fact.body)[0] as Record<string, unknown> };
}
