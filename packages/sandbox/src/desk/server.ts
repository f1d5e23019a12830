import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { addFaultRoutes, createFaultBox, dropConnection, type FaultBox } from '../faults.ts';
import { openDatabase, type Database } from '../sqlite.ts';
import { userFields } from './fields.ts';
import { startJobs, type Jobs } from './jobs.ts';
import { createUserTables, upsertUser, usersAfter, usersBy } from './users.ts';

export type DeskOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Where the state is kept; made when missing, opened again when there. */
  dataDirectory: string;
  apiTokens: readonly string[];
  /** Address to listen on; this machine only, unless told otherwise. */
  host?: string;
  now?: () => Date;
};

export type RunningDesk = { url: string; close: () => Promise<void> };

type Context = { db: Database; jobs: Jobs; faults: FaultBox; now: () => string };

const mostUsers = 100;

/** Starts a desk with the users part of Zendesk's API. What it has answered survives the process. */
export async function startDesk(options: DeskOptions): Promise<RunningDesk> {
  const clock = options.now ?? (() => new Date());
  const now = (): string => `${clock().toISOString().slice(0, 19)}Z`;
  const db = openDatabase(join(options.dataDirectory, 'desk.sqlite'));
  createUserTables(db);
  const faults = createFaultBox();
  const jobs = startJobs(db, faults, now);
  const app = Fastify({ bodyLimit: 8 * 1024 * 1024, forceCloseConnections: true });
  addFaultRoutes(app, faults);
  app.register(async api => {
    addGuards(api, faults, new Set(options.apiTokens));
    addRoutes(api, { db, jobs, faults, now });
  });
  const url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await app.close();
    await jobs.stop();
    db.close();
  };
  return { url, close: () => (closed ??= close()) };
}

function addGuards(api: FastifyInstance, faults: FaultBox, tokens: ReadonlySet<string>): void {
  api.addHook('onRequest', async (request, reply) => {
    if (faults.now.down) return dropConnection(request, reply);
    const retryAfter = faults.overLimit(Date.now());
    if (retryAfter > 0) {
      const body = error('APIRateLimitExceeded', 'Number of allowed API requests per minute exceeded');
      return reply.code(429).header('retry-after', String(retryAfter)).send(body);
    }
    if (!tokens.has(tokenOf(request))) return reply.code(401).send({ error: "Couldn't authenticate you" });
    if (faults.now.delayMs > 0) await wait(faults.now.delayMs);
    if (faults.take('resetBefore')) return dropConnection(request, reply);
    if (faults.take('fail')) return reply.code(500).send(error('InternalError', 'Internal server error'));
    return undefined;
  });
  api.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode < 300 && faults.take('resetAfter')) request.raw.socket.resetAndDestroy();
    return payload;
  });
}

/** The token of `Basic base64(address/token:TOKEN)` or of `Bearer TOKEN`. */
function tokenOf(request: FastifyRequest): string {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const text = Buffer.from(value, 'base64').toString();
  const mark = text.indexOf('/token:');
  return mark < 0 ? '' : text.slice(mark + '/token:'.length);
}

const error = (name: string, description: string) => ({ error: name, description });
const invalid = (details: string) => ({
  ...error('RecordInvalid', 'Record validation errors'),
  details: { base: [{ description: details }] },
});

function addRoutes(api: FastifyInstance, context: Context): void {
  const { db, jobs } = context;
  api.post('/api/v2/users/create_or_update_many.json', (request, reply) => {
    const { users } = (request.body ?? {}) as { users?: unknown };
    if (!Array.isArray(users) || users.length === 0) {
      return reply.code(400).send(error('InvalidValue', 'users: expected an array of users'));
    }
    if (users.length > mostUsers) {
      return reply.code(400).send(error('TooManyValues', `users: at most ${String(mostUsers)} at a time`));
    }
    return reply.send({ job_status: jobs.submit(users) });
  });
  api.post('/api/v2/users/create_or_update.json', (request, reply) =>
    createOrUpdate(context, request, reply),
  );
  api.get('/api/v2/job_statuses/:id', (request, reply) => {
    const { id } = request.params as { id: string };
    const job = jobs.status(id.replace(/\.json$/, ''));
    return job === undefined
      ? reply.code(404).send(error('RecordNotFound', 'Not found'))
      : reply.send({ job_status: job });
  });
  api.get('/api/v2/users/show_many.json', (request, reply) => {
    const { external_ids: externalIds, ids } = request.query as { external_ids?: string; ids?: string };
    const values = (externalIds ?? ids ?? '').split(',').filter(value => value !== '');
    if (values.length === 0 || values.length > mostUsers) {
      return reply.code(400).send(error('InvalidValue', `between 1 and ${String(mostUsers)} ids`));
    }
    const users = usersBy(db, externalIds === undefined ? 'id' : 'external_id', values);
    return reply.send({ users, next_page: null, previous_page: null, count: users.length });
  });
  api.get('/api/v2/users.json', request => {
    const query = request.query as Record<string, string | undefined>;
    const size = Math.min(mostUsers, Math.max(1, Number(query['page[size]'] ?? mostUsers)));
    const users = usersAfter(db, Number(query['page[after]'] ?? 0), size + 1);
    const page = users.slice(0, size);
    const last = page.at(-1)?.['id'];
    return {
      users: page,
      meta: {
        has_more: users.length > size,
        after_cursor: typeof last === 'number' ? String(last) : null,
      },
    };
  });
  api.get('/api/v2/user_fields.json', () => {
    const fields = Object.entries(userFields).map(([key, [type, title]], index) => ({
      id: index + 1,
      key,
      type,
      title,
      active: true,
      system: false,
      position: index,
    }));
    return { user_fields: fields, next_page: null, previous_page: null, count: fields.length };
  });
}

function createOrUpdate(context: Context, request: FastifyRequest, reply: FastifyReply): unknown {
  const { db, faults, now } = context;
  if (faults.take('conflicts')) return reply.code(409).send(error('DatabaseConflict', 'Database collision'));
  const { user } = (request.body ?? {}) as { user?: unknown };
  const outcome = db.transaction(() => upsertUser(db, user, now()));
  if (outcome.status === 'Failed') return reply.code(422).send(invalid(outcome.details));
  return reply.code(outcome.status === 'Created' ? 201 : 200).send({ user: outcome.user });
}
