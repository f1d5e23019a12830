import { modelOf } from './domain.ts';
import type { Env } from './env.ts';
import { checkReference, externalIdsOf } from './external-ids.ts';
import { load, type Contended } from './load.ts';
import { createRecord, unlinkRecords, writeRecords } from './orm.ts';
import { createPayments } from './payment-register.ts';
import { cancelPayments, draftPayments, postPayments, validatePayments } from './payments.ts';
import { assignOutstanding, cancelMoves, postMoves, resetToDraft } from './posting.ts';
import { countMatches, readRecords, searchIds } from './read.ts';
import { reconcileLines, unreconcileLines } from './reconcile.ts';
import { visible, type Values } from './records.ts';
import { reverseMoves } from './reversal.ts';
import { checkAccess, mayAccess, type Operation } from './rights.ts';
import { displayNames } from './names.ts';
import { selectionOf } from './values.ts';

export type Call = {
  env: Env;
  model: string;
  ids: number[];
  args: Record<string, unknown>;
  contended: Contended;
};
export type Method = {
  /** Named arguments in order; those with `?` may be left out. */
  params: readonly string[];
  /** Called on records, so that `ids` may be given. */
  onRecords: boolean;
  writes: boolean;
  run: (call: Call) => unknown;
};

const onModel = (params: readonly string[], run: Method['run'], writes = false): Method => ({
  params,
  onRecords: false,
  writes,
  run,
});
const onRecords = (params: readonly string[], run: Method['run'], writes = false): Method => ({
  params,
  onRecords: true,
  writes,
  run,
});
/** An action that changes records: needs the right to write them. */
const action = (
  run: (env: Env, ids: number[], args: Record<string, unknown>) => unknown,
  params: string[] = [],
) =>
  onRecords(
    params,
    ({ env, model, ids, args }) => {
      checkAccess(env, model, 'write');
      return run(env, ids, args) ?? null;
    },
    true,
  );

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;

function fieldsGet({ env, model, args }: Call): unknown {
  const wanted = strings(args['allfields']);
  const attributes = strings(args['attributes']);
  const described = Object.entries(modelOf(model).fields)
    .filter(([name, field]) => visible(field) && (wanted === undefined || wanted.includes(name)))
    .map(([name, field]) => {
      const all: Record<string, unknown> = {
        type: field.type,
        string: field.string,
        required: field.required ?? false,
        readonly: field.readonly ?? false,
        store: field.computed !== true && field.related === undefined,
        ...(field.relation === undefined ? {} : { relation: field.relation }),
        ...(field.type === 'selection' ? { selection: selectionOf(env, model, name, field) } : {}),
      };
      const kept = Object.entries(all).filter(
        ([key]) => attributes === undefined || attributes.includes(key),
      );
      return [name, Object.fromEntries(kept)] as const;
    });
  return Object.fromEntries(described);
}

function searchRead({ env, model, args }: Call): unknown {
  checkAccess(env, model, 'read');
  return readRecords(env, model, searchIds(env, model, args['domain'], args), strings(args['fields']));
}

function nameSearch({ env, model, args }: Call): unknown {
  checkAccess(env, model, 'read');
  const { name = '', domain, operator = 'ilike', limit = 100 } = args;
  const terms = Array.isArray(domain) ? (domain as unknown[]) : [];
  const ids = searchIds(env, model, [...terms, ['display_name', operator, name]], { limit });
  const names = displayNames(env, model, ids);
  return ids.map(id => [id, names.get(id)]);
}

function create({ env, model, args }: Call): unknown {
  const list = (Array.isArray(args['vals_list']) ? args['vals_list'] : [args['vals_list']]) as Values[];
  return list.map(values => createRecord(env, model, values));
}

const archive = (active: boolean) =>
  onRecords([], ({ env, model, ids }) => (writeRecords(env, model, ids, { active }), null), true);

/** What every model can do. */
const common: Record<string, Method> = {
  search: onModel(['domain', 'offset?', 'limit?', 'order?'], ({ env, model, args }) => {
    checkAccess(env, model, 'read');
    return searchIds(env, model, args['domain'], args);
  }),
  search_count: onModel(['domain', 'limit?'], ({ env, model, args }) => {
    checkAccess(env, model, 'read');
    return countMatches(env, model, args['domain']);
  }),
  search_read: onModel(['domain?', 'fields?', 'offset?', 'limit?', 'order?', 'load?'], searchRead),
  read: onRecords(['fields?', 'load?'], ({ env, model, ids, args }) => {
    checkAccess(env, model, 'read');
    return readRecords(env, model, ids, strings(args['fields']));
  }),
  name_search: onModel(['name?', 'domain?', 'operator?', 'limit?'], nameSearch),
  fields_get: onModel(['allfields?', 'attributes?'], fieldsGet),
  create: onModel(['vals_list'], create, true),
  write: onRecords(
    ['vals'],
    ({ env, model, ids, args }) => (writeRecords(env, model, ids, (args['vals'] ?? {}) as Values), true),
    true,
  ),
  unlink: onRecords([], ({ env, model, ids }) => (unlinkRecords(env, model, ids), true), true),
  load: onModel(
    ['fields', 'data'],
    ({ env, model, args, contended }) =>
      load(env, model, args['fields'] as string[], args['data'] as unknown[][], contended),
    true,
  ),
  get_external_id: onRecords([], ({ env, model, ids }) => externalIdsOf(env, model, ids)),
  has_access: onRecords(['operation'], ({ env, model, args }) =>
    mayAccess(env, model, args['operation'] as Operation),
  ),
  action_archive: archive(false),
  action_unarchive: archive(true),
};

/** What single models can do besides. */
const special: Record<string, Record<string, Method>> = {
  'res.users': {
    context_get: onModel([], ({ env }) => ({ lang: 'en_US', tz: false, uid: env.uid })),
  },
  'ir.model.data': {
    check_object_reference: onModel(['module', 'xml_id', 'raise_on_access_error?'], ({ env, args }) =>
      checkReference(env, String(args['module']), String(args['xml_id'])),
    ),
  },
  'account.move': {
    action_post: action((env, ids) => (postMoves(env, ids), false)),
    button_draft: action(resetToDraft),
    button_cancel: action(cancelMoves),
    js_assign_outstanding_line: action(
      (env, ids, args) => assignOutstanding(env, ids, Number(args['line_id'])),
      ['line_id'],
    ),
  },
  'account.move.line': {
    reconcile: action(reconcileLines),
    remove_move_reconcile: action(unreconcileLines),
  },
  'account.payment': {
    action_post: action((env, ids) => postPayments(env, ids)),
    action_draft: action(draftPayments),
    action_cancel: action(cancelPayments),
    action_validate: action(validatePayments),
  },
  'account.payment.register': { action_create_payments: action(createPayments) },
  'account.move.reversal': {
    refund_moves: action((env, ids) => reverseMoves(env, ids, false)),
    reverse_moves: action((env, ids) => reverseMoves(env, ids, false)),
    modify_moves: action((env, ids) => reverseMoves(env, ids, true)),
  },
};

export const methodOf = (model: string, name: string): Method | undefined =>
  special[model]?.[name] ?? (Object.hasOwn(common, name) ? common[name] : undefined);
