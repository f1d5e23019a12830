import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { addFaultRoutes, createFaultBox, dropConnection, type FaultBox } from '../faults.ts';
import { openDatabase, type Database } from '../sqlite.ts';
import { createContention, type Contention } from './contention.ts';
import { dispatch } from './dispatch.ts';
import type { Login } from './env.ts';
import { errorBody, notFound, OdooError, unauthorized } from './errors.ts';
import { likePattern } from './like.ts';
import { createTables } from './schema.ts';
import { seed, setFreeNumbers } from './seed.ts';
import { numberingLevel, parseNumber } from './sequence.ts';

/** A key alone is one of the integration's bot, which may do bookkeeping and write contacts, and no more. */
export type ApiKey = string | { key: string; login: Login };

export type OdooOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Where the state is kept; made when missing, opened again when there. */
  dataDirectory: string;
  database: string;
  apiKeys: readonly ApiKey[];
  /** Address to listen on; this machine only, unless told otherwise. */
  host?: string;
  now?: () => Date;
  /** As a server with several databases: the header must name one. */
  severalDatabases?: boolean;
  /** The sale journals take numbers of any form: an administrator has set their `sequence_override_regex`. */
  freeNumbers?: boolean;
};

export type Running = { url: string; close: () => Promise<void> };

type Context = {
  db: Database;
  options: OdooOptions;
  logins: ReadonlyMap<string, Login>;
  faults: FaultBox;
  contention: Contention;
};

const json = 'application/json; charset=utf-8';
const html = 'text/html; charset=utf-8';
const page = (title: string, text: string): string =>
  `<!doctype html>\n<html lang=en>\n<title>${title}</title>\n<h1>${title.slice(4)}</h1>\n<p>${text}</p>\n`;

/** Starts a stand-in of Odoo 19 that speaks JSON-2. What it has answered with 200 survives the process. */
export async function startOdoo(options: OdooOptions): Promise<Running> {
  const now = options.now ?? (() => new Date());
  const db = openDatabase(join(options.dataDirectory, 'odoo.sqlite'));
  db.addFunction('like_pattern', (value = null, pattern = null, folded = null) =>
    likePattern(value, pattern, folded),
  );
  db.addFunction('numbering_level', name => numberingLevel(parseNumber(String(name)).numbering));
  createTables(db);
  seed(db, now().toISOString().slice(0, 19).replace('T', ' '));
  if (options.freeNumbers === true) setFreeNumbers(db);
  const logins = new Map(
    options.apiKeys.map(item => (typeof item === 'string' ? [item, 'bot' as const] : [item.key, item.login])),
  );
  const context: Context = { db, options, logins, faults: createFaultBox(), contention: createContention() };
  const app = Fastify({ bodyLimit: 128 * 1024 * 1024, forceCloseConnections: true, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  addRoutes(app, context, now);
  const url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  let closed: Promise<void> | undefined;
  return { url, close: () => (closed ??= app.close().then(() => db.close())) };
}

function addRoutes(app: FastifyInstance, context: Context, now: () => Date): void {
  addFaultRoutes(app, context.faults);
  app.get('/web/version', (request, reply) => {
    if (context.faults.now.down) return dropConnection(request, reply);
    return reply
      .type(json)
      .send(JSON.stringify({ version_info: [19, 0, 0, 'final', 0, ''], version: '19.0' }));
  });
  app.get('/web/health', (request, reply) => {
    if (context.faults.now.down) return dropConnection(request, reply);
    return reply.type('application/json').send(JSON.stringify({ status: 'pass' }));
  });
  app.all('/json/2/*', (request, reply) => answer(context, request, reply, now));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(html).send(page('404 Not Found', 'The requested URL was not found on the server.')),
  );
}

async function answer(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  now: () => Date,
): Promise<unknown> {
  const { faults, contention } = context;
  if (faults.now.down) return dropConnection(request, reply);
  const retryAfter = faults.overLimit(Date.now());
  if (retryAfter > 0) {
    const text = page('429 Too Many Requests', 'Too many requests.');
    return reply.code(429).header('retry-after', String(retryAfter)).type(html).send(text);
  }
  const call = contention.enter();
  try {
    if (faults.now.delayMs > 0) await wait(faults.now.delayMs);
    if (faults.take('resetBefore')) return dropConnection(request, reply);
    if (faults.take('fail'))
      throw new OdooError(500, 'psycopg2.OperationalError', 'connection to server was lost');
    // What arrived at the same moment is under way before the first of it is carried out.
    await new Promise(resolve => setImmediate(resolve));
    const result = carryOut(context, request, call.started, now());
    if (faults.take('resetAfter')) return dropConnection(request, reply);
    return await send(reply, 200, result.value);
  } catch (error) {
    if (error instanceof HtmlAnswer) return reply.code(error.status).type(html).send(error.message);
    const known =
      error instanceof OdooError ? error : new OdooError(500, 'builtins.Exception', String(error));
    return await send(reply, known.status, errorBody(known));
  } finally {
    call.leave();
  }
}

const send = (reply: FastifyReply, status: number, body: unknown) =>
  reply
    .code(status)
    .type(json)
    .send(JSON.stringify(body ?? null));

class HtmlAnswer extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(body);
    this.status = status;
  }
}

function carryOut(context: Context, request: FastifyRequest, started: number, at: Date): { value: unknown } {
  checkDatabase(context, request);
  if (request.method === 'POST') checkContentType(request);
  const login = signIn(context, request);
  const [model, method, ...more] = (request.params as { '*': string })['*'].split('/');
  if (request.method !== 'POST' || !model || !method || more.length > 0) {
    throw notFound('Did you mean POST /json/2/<model>/<method>?');
  }
  const body = typeof request.body === 'string' ? request.body : '';
  const seen = new Set<string>();
  const value = dispatch(context.db, {
    login,
    model,
    method,
    body,
    at,
    contended: externalId => {
      seen.add(externalId);
      return context.contention.changedSince(started, externalId);
    },
    takeConflict: () => context.faults.take('conflicts'),
  });
  if (seen.size > 0 && (value as { ids?: unknown }).ids !== false) context.contention.wrote(seen);
  return { value };
}

function checkDatabase(context: Context, request: FastifyRequest): void {
  const wanted = request.headers['x-odoo-database'];
  if (wanted === context.options.database) return;
  if (wanted === undefined && context.options.severalDatabases !== true) return;
  throw new HtmlAnswer(
    404,
    '<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n\n<!-- Alternatively, use the X-Odoo-Database header. -->\n',
  );
}

function checkContentType(request: FastifyRequest): void {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  throw new HtmlAnswer(
    415,
    page(
      '415 Unsupported Media Type',
      'Request inferred type is compatible with [&#39;http&#39;] but &#39;/json/2/&lt;__model__&gt;/&lt;__method__&gt;&#39; is type=&#39;json2&#39;.<br><br>Please verify the Content-Type request header and try again.',
    ),
  );
}

function signIn(context: Context, request: FastifyRequest): Login {
  const [scheme = '', key = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() !== 'bearer' || key === '') {
    throw unauthorized('User not authenticated, use an API Key with a Bearer Authorization header.');
  }
  const login = context.logins.get(key);
  if (login === undefined) throw unauthorized('Invalid apikey');
  return login;
}
