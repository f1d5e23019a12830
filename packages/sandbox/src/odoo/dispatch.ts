import type { Database } from '../sqlite.ts';
import { createEnv, type Env, type Login } from './env.ts';
import {
  accessError,
  badRequest,
  conflict,
  notFound,
  unprocessable,
  userError,
  valueError,
} from './errors.ts';
import type { Contended } from './load.ts';
import type { Message } from './load-convert.ts';
import { methodOf, type Method } from './methods.ts';
import { models } from './models.ts';
import { companyId } from './seed.ts';
import { conflictText } from './errors.ts';

// Methods a model has that the real one keeps from remote callers although their names look public.
const kept = new Set([
  'init',
  'exists',
  'browse',
  'sudo',
  'with_context',
  'with_user',
  'with_company',
  'ensure_one',
  'mapped',
  'filtered',
  'sorted',
  'flush_model',
  'invalidate_model',
]);

export type Request = {
  login: Login;
  model: string;
  method: string;
  body: string;
  at: Date;
  contended: Contended;
  /** Takes one of the serialization conflicts that were asked for. */
  takeConflict: () => boolean;
};

/** Carries out one call of JSON-2 in one transaction and answers its result; throws an OdooError. */
export function dispatch(db: Database, request: Request): unknown {
  const { ids, context, args } = parseBody(request.body);
  const method = findMethod(request.model, request.method);
  const env = createEnv(db, request.login, context, request.at);
  checkContext(env);
  const named = bind(request, method, ids, args);
  const call = { env, model: request.model, ids: ids ?? [], args: named, contended: request.contended };
  if (method.writes && request.takeConflict()) return conflicted(request.method, named);
  return method.writes ? db.transaction(() => method.run(call)) : method.run(call);
}

/** A conflict comes out of `load` as a message with status 200, out of anything else as an error. */
function conflicted(method: string, args: Record<string, unknown>): unknown {
  if (method !== 'load') throw conflict();
  const rows = Array.isArray(args['data']) ? args['data'] : [];
  const messages: Message[] = rows.slice(0, 10).map((_, record) => ({
    rows: { from: record, to: record },
    record,
    type: 'error',
    message: conflictText,
  }));
  return { ids: false, messages, nextrow: 0 };
}

type Body = { ids: number[] | undefined; context: Record<string, unknown>; args: Record<string, unknown> };

function parseBody(text: string): Body {
  let parsed: unknown;
  try {
    parsed = text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw badRequest(`could not parse the body as json: ${(error as Error).message}`);
  }
  const named = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  const { ids, context = {}, ...args } = named as Record<string, unknown>;
  if (typeof context !== 'object' || context === null || Array.isArray(context)) {
    throw valueError('dictionary update sequence element #0 has length 1; 2 is required');
  }
  const list = ids === undefined ? undefined : (Array.isArray(ids) ? (ids as unknown[]) : [ids]).map(Number);
  return { ids: list, context: context as Record<string, unknown>, args };
}

function findMethod(model: string, name: string): Method {
  if (!models.has(model)) throw notFound(`the model '${model}' does not exist`);
  if (name.startsWith('_') || kept.has(name)) {
    throw accessError(`Private methods (such as '${model}.${name}') cannot be called remotely.`);
  }
  const method = methodOf(model, name);
  if (method === undefined) throw notFound(`The method '${model}.${name}' does not exist`);
  return method;
}

function checkContext(env: Env): void {
  const { lang, allowed_company_ids: companies } = env.context;
  if (
    typeof lang === 'string' &&
    env.db.get('SELECT id FROM res_lang WHERE code = ? AND active = 1', lang) === undefined
  ) {
    throw userError(`Invalid language code: ${lang}`);
  }
  if (Array.isArray(companies) && companies.some(id => id !== companyId)) {
    throw accessError('Access to unauthorized or invalid companies.');
  }
}

/** Checks arguments against what the method takes, as Python binds a call. */
function bind(request: Request, method: Method, ids: number[] | undefined, args: Record<string, unknown>) {
  if (ids !== undefined && !method.onRecords) {
    throw unprocessable(`cannot call ${request.model}.${request.method} with ids`);
  }
  const known = method.params.map(param => param.replace('?', ''));
  for (const param of method.params) {
    if (!param.endsWith('?') && !(param in args))
      throw unprocessable(`missing a required argument: '${param}'`);
  }
  for (const name of Object.keys(args)) {
    if (!known.includes(name)) throw unprocessable(`got an unexpected keyword argument '${name}'`);
  }
  return args;
}
