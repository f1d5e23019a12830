import { timingSafeEqual, createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import { setTimeout as wait } from 'node:timers/promises';
import { addFaultRoutes, createFaultBox, dropConnection } from '../faults.ts';
import type { ApiEra } from '../world/model.ts';
import { API_VERSIONS } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { createWorld } from '../world/world.ts';
import { expanded } from './expand.ts';
import type { ObjectStore } from './object-store.ts';
import { openObjectStore } from './object-store.ts';

export type StripeOptions = {
  /** 0: any free one. */
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  dataDirectory: string;
  /** Any of them is let in. */
  apiKeys: readonly string[];
};

export type StripeStandIn = { url: string; addWorld(world: World): void; close(): Promise<void> };

type Query = Record<string, string | undefined>;

/** Path → the `object` that may be read there. */
const RESOURCES: Record<string, string> = {
  balance_transactions: 'balance_transaction',
  charges: 'charge',
  refunds: 'refund',
  invoices: 'invoice',
  invoice_payments: 'invoice_payment',
  customers: 'customer',
  subscriptions: 'subscription',
  payment_intents: 'payment_intent',
  disputes: 'dispute',
  payouts: 'payout',
  credit_notes: 'credit_note',
  products: 'product',
  prices: 'price',
};

/**
 * The provider's API, to read from: the objects of all worlds added, in their last state. Answers in the version that
 * `Stripe-Version` names (2020-03-02, else today's). `POST /_sandbox/worlds {seed, events, account?}` adds a world;
 * `/_sandbox/faults` makes it misbehave. Neither wants a key.
 */
export async function startStripe(options: StripeOptions): Promise<StripeStandIn> {
  const store = openObjectStore(options.dataDirectory);
  const app = Fastify();
  app.post('/_sandbox/worlds', (request, reply) => {
    const { seed, events, account } = request.body as { seed: number; events: number; account?: string };
    store.add(createWorld({ seed, events, ...(account === undefined ? {} : { account }) }));
    return reply.code(201).send({ seed, events });
  });
  app.get('/_sandbox/health', () => ({ status: 'ok' }));
  const faults = createFaultBox();
  addFaultRoutes(app, faults);
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1/')) return;
    if (faults.now.delayMs > 0) await wait(faults.now.delayMs);
    if (faults.now.down || faults.take('resetBefore') || faults.take('resetAfter'))
      return dropConnection(request, reply);
    const retryAfterS = faults.overLimit(Date.now());
    if (retryAfterS > 0) {
      void reply.header('retry-after', String(retryAfterS));
      return sendError(reply, 429, {
        type: 'invalid_request_error',
        code: 'rate_limit',
        message: 'Request rate limit exceeded.',
      });
    }
    if (faults.take('fail'))
      return sendError(reply, 500, { type: 'api_error', message: 'An unknown error occurred.' });
    if (!knows(options.apiKeys, request)) {
      return sendError(reply, 401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' });
    }
    return undefined;
  });
  addReadRoutes(app, store);
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${request.method}: ${request.url.split('?')[0] ?? ''}).`,
    }),
  );
  const url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return {
    url,
    addWorld: world => store.add(world),
    close: async () => {
      await app.close();
      store.close();
    },
  };
}

function addReadRoutes(app: FastifyInstance, store: ObjectStore): void {
  app.get<{ Params: { resource: string; id: string }; Querystring: Query }>(
    '/v1/:resource/:id',
    (request, reply) => {
      const { resource, id } = request.params;
      const kind = RESOURCES[resource];
      if (kind === undefined) return reply.callNotFound();
      const found = store.find(id, eraOf(request));
      if (found?.object === kind) return reply.send(expanded(found, request.query, store, eraOf(request)));
      const noun = kind.replaceAll('_', ' ');
      return sendError(reply, 404, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: `No such ${noun}: '${id}'`,
        param: 'id',
      });
    },
  );
  app.get<{ Querystring: Query }>('/v1/balance_transactions', (request, reply) => {
    const { payout } = request.query;
    if (payout === undefined) return missing(reply, 'payout');
    return reply.send(
      page('/v1/balance_transactions', store.transactionsOf(payout, eraOf(request)), request.query),
    );
  });
  app.get<{ Querystring: Query }>('/v1/invoice_payments', (request, reply) => {
    const { invoice, 'payment[payment_intent]': paymentIntent } = request.query;
    if (invoice === undefined && paymentIntent === undefined) return missing(reply, 'invoice');
    const payments = store.invoicePaymentsOf({
      ...(invoice === undefined ? {} : { invoice }),
      ...(paymentIntent === undefined ? {} : { paymentIntent }),
    });
    return reply.send(page('/v1/invoice_payments', payments, request.query));
  });
}

/** Pages as the provider does: at most `limit` (10; 100 at most), going on behind `starting_after`. */
function page(url: string, all: readonly { readonly id?: unknown }[], query: Query): object {
  const limit = Math.min(100, Math.max(1, Number(query.limit ?? 10) || 10));
  const after = query.starting_after;
  const from = after === undefined ? 0 : all.findIndex(one => one.id === after) + 1;
  return { object: 'list', data: all.slice(from, from + limit), has_more: all.length > from + limit, url };
}

type StripeError = { type: string; message: string; code?: string; param?: string };

const sendError = (reply: FastifyReply, status: number, error: StripeError): FastifyReply =>
  reply.code(status).send({ error });

const missing = (reply: FastifyReply, param: string): FastifyReply =>
  sendError(reply, 400, {
    type: 'invalid_request_error',
    code: 'parameter_missing',
    message: `Missing required param: ${param}.`,
    param,
  });

const eraOf = (request: FastifyRequest): ApiEra =>
  request.headers['stripe-version'] === API_VERSIONS.old ? 'old' : 'current';

/** A key as bearer token, or as the user name of basic authentication, as the provider takes both. */
function knows(keys: readonly string[], request: FastifyRequest): boolean {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  const key =
    scheme.toLowerCase() === 'basic' ? (Buffer.from(value, 'base64').toString().split(':')[0] ?? '') : value;
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return keys.some(known => timingSafeEqual(hash(known), hash(key)));
}
