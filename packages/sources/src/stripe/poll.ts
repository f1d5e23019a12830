import type { FetchRequest } from '@keelson/contracts';
import { unavailable } from '@keelson/contracts';
import type { Poller, SourceClient } from '../poller.ts';
import { accountAlias, subjectAlias } from './alias.ts';
import type { Fields } from './fields.ts';
import { isIncomplete, isObject, requiredId } from './fields.ts';
import { isTestKey, livemodeHeader } from './livemode.ts';
import { entitlementSummary } from './map-entitlements.ts';
import { notFoundObject, waitedFor } from './not-found.ts';

export interface StripePollerOptions {
  readonly apiKey: string;
  /** The key's own account; objects of others (Connect) are asked for in their name. */
  readonly account: string;
}

/** Whatever version an account is pinned to, fetched objects have this one's shape. */
export const fetchedApiVersion = '2026-09-30.endive';

interface Resource {
  readonly path: string;
  /** Carried in the answer only when asked for. */
  readonly expand?: string;
  /** A list whose further pages belong to the object, and where they are. */
  readonly list?: { readonly key: string; readonly path: (id: string) => string };
}

const resources = new Map<string, Resource>([
  ['balance_transaction', { path: 'balance_transactions', expand: 'source' }],
  [
    'charge',
    {
      path: 'charges',
      expand: 'refunds',
      list: { key: 'refunds', path: id => `/v1/refunds?charge=${id}` },
    },
  ],
  [
    'credit_note',
    {
      path: 'credit_notes',
      expand: 'customer_balance_transaction',
      list: { key: 'lines', path: id => `/v1/credit_notes/${id}/lines?` },
    },
  ],
  ['customer', { path: 'customers', expand: 'tax_ids' }],
  ['dispute', { path: 'disputes' }],
  [
    'invoice',
    {
      path: 'invoices',
      expand: 'payments',
      list: { key: 'lines', path: id => `/v1/invoices/${id}/lines?` },
    },
  ],
  ['invoice_payment', { path: 'invoice_payments' }],
  ['payment_intent', { path: 'payment_intents' }],
  ['payout', { path: 'payouts' }],
  ['price', { path: 'prices' }],
  ['product', { path: 'products' }],
  ['refund', { path: 'refunds' }],
  [
    'subscription',
    {
      path: 'subscriptions',
      list: { key: 'items', path: id => `/v1/subscription_items?subscription=${id}` },
    },
  ],
]);

export const stripePoller =
  ({ apiKey, account }: StripePollerOptions): Poller =>
  async (request, client) => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'stripe-version': fetchedApiVersion,
      ...(request.account === account ? {} : { 'stripe-account': request.account }),
    };
    const object = await fetchObject(request, path => getJson(client, path, headers));
    return {
      account: request.account,
      alias: object === null ? missingAlias(request) : aliasOf(request, object),
      payload: Buffer.from(JSON.stringify(object ?? missing(request))),
      headers: { [livemodeHeader]: String(!isTestKey(apiKey)) },
    };
  };

type Get = (path: string) => Promise<Fields | null>;

/** Null where the source has no such object, or none of this type can be asked for. */
async function fetchObject({ object_type, object_id }: FetchRequest, get: Get): Promise<Fields | null> {
  const id = encodeURIComponent(object_id);
  if (object_type === entitlementSummary) return entitlementsOf(object_id, get);
  const resource = resources.get(object_type);
  if (resource === undefined) return null;
  const query = resource.expand === undefined ? '' : `?expand[]=${resource.expand}`;
  const object = await get(`/v1/${resource.path}/${id}${query}`);
  return object === null || resource.list === undefined ? object : withAllPages(object, resource.list, get);
}

async function entitlementsOf(customer: string, get: Get): Promise<Fields | null> {
  const path = `/v1/entitlements/active_entitlements?customer=${encodeURIComponent(customer)}`;
  const first = await get(`${path}&limit=100`);
  if (first === null) return null;
  const summary = { object: entitlementSummary, customer, entitlements: first };
  return withAllPages(summary, { key: 'entitlements', path: () => path }, get);
}

async function withAllPages(object: Fields, list: NonNullable<Resource['list']>, get: Get): Promise<Fields> {
  if (!isIncomplete(object, list.key)) return object;
  const first = object[list.key] as { readonly data: readonly Fields[] };
  const data = [...first.data];
  const path = list.path(encodeURIComponent(String(object['id'])));
  for (let more = true; more;) {
    const last = data.at(-1);
    const after = last === undefined ? '' : `&starting_after=${encodeURIComponent(requiredId(last))}`;
    const page = await get(`${path}&limit=100${after}`);
    const elements = page?.['data'];
    if (page === null || !Array.isArray(elements)) {
      throw unavailable('source_pages', `a page of ${list.key} is missing`);
    }
    data.push(...(elements as Fields[]));
    more = page['has_more'] === true && elements.length > 0;
  }
  return { ...object, [list.key]: { ...first, data, has_more: false } };
}

async function getJson(
  client: SourceClient,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Fields | null> {
  const { status, body } = await client.get(path, headers);
  if (status !== 200) return null;
  try {
    const object: unknown = JSON.parse(body.toString('utf8'));
    if (isObject(object)) return object;
  } catch (cause) {
    throw unavailable('source_answer', 'the source answered 200 with what is not JSON', { cause });
  }
  throw unavailable('source_answer', 'the source answered 200 with what is not an object');
}

/** A movement names no customer: it stays with who asked for it. */
function aliasOf(request: FetchRequest, object: Fields): string {
  return request.object_type === 'balance_transaction'
    ? request.alias
    : subjectAlias(request.account, object);
}

const missingAlias = (request: FetchRequest): string =>
  waitedFor.has(request.object_type) ? accountAlias(request.account) : request.alias;

const missing = ({ object_type, object_id }: FetchRequest): Fields => ({
  object: notFoundObject,
  object_type,
  id: object_id,
});
