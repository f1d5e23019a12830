import type { Ingress } from '@keelson/contracts';
import { invalidEvent, sha256 } from '@keelson/contracts';
import type { MappedFact, Mapper } from '@keelson/sources';
import { account, alias, customerBody, finalized, snapshot, t0 } from './facts.ts';

/** What the mapper of these tests makes of a delivery: written in the delivery itself. */
export interface Script {
  readonly facts?: readonly ('customer' | 'invoice' | 'house' | 'unfit')[];
  readonly claims?: readonly string[];
  readonly fetches?: readonly string[];
  readonly filtered?: string;
  readonly invalid?: string;
  readonly unforeseen?: boolean;
  readonly note?: string;
}

let deliveries = 0;

export const delivery = (id: string, script: Script, more: Partial<Ingress> = {}): Ingress => ({
  delivery_id: `evt_${deliveries++}`,
  source: 'stripe',
  account,
  received_at: t0,
  content_type: 'application/json',
  headers: {},
  payload: Buffer.from(JSON.stringify(script)),
  alias: alias(id),
  secret_id: null,
  origin: 'webhook',
  ...more,
});

const makers: Record<'customer' | 'invoice' | 'house' | 'unfit', () => MappedFact> = {
  customer: () => snapshot('customer.upserted', customerBody()),
  invoice: () => finalized(),
  house: () => finalized(t0, { house: true }),
  // Half a microsecond fits no schema.
  unfit: () => finalized(t0, { occurred_at: 0.5 }),
};

/** Plays the script. */
export const scriptedMapper: Mapper = ingress => {
  const text = ingress.payload.toString();
  const script = JSON.parse(text) as Script;
  if (script.invalid !== undefined) throw invalidEvent(script.invalid, 'as the script says');
  if (script.unforeseen === true) throw new TypeError('nobody foresaw this');
  const told = { contentHash: sha256(text), mappingVersion: 1 };
  if (script.filtered !== undefined) return { outcome: 'filtered', rule: script.filtered, ...told };
  return {
    outcome: 'facts',
    facts: (script.facts ?? []).map(name => ({ ...makers[name](), alias: ingress.alias })),
    claims: (script.claims ?? []).map(id => ({ alias: alias(id), rule: 'test' })),
    fetches: (script.fetches ?? []).map(objectId => ({ objectType: 'thing', objectId, reason: 'test' })),
    ...told,
  };
};
