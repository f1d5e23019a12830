import type { Env, Login } from './env.ts';
import { accessError } from './errors.ts';
import { models } from './models.ts';

export type Operation = 'read' | 'write' | 'create' | 'unlink';

type Right = { logins: readonly Login[]; groups: readonly string[] };

const verbs: Record<Operation, string> = {
  read: 'access',
  write: 'modify',
  create: 'create',
  unlink: 'delete',
};

const accounting: readonly Login[] = ['admin', 'bot', 'invoicing'];
const right = (logins: readonly Login[], ...groups: string[]): Right => ({ logins, groups });

const readers = right(
  accounting,
  'Accounting/Administrator',
  'Accounting/Invoicing',
  'Role / Portal',
  'Show Accounting Features - Readonly',
);
const invoicing = right(accounting, 'Accounting/Invoicing');
const bookkeeping = { read: readers, write: invoicing, create: invoicing, unlink: invoicing };
const chart = right(['admin'], 'Accounting/Administrator');
const settings = right(['admin'], 'Accounting/Administrator', 'Role / Administrator');
const contacts = right(['admin', 'bot'], 'Contact/Creation');
const access = right(['admin'], 'Access Rights');

/** Who may do what. An operation that is not named is open to all that can sign in. */
const rights: Record<string, Partial<Record<Operation, Right>>> = {
  'res.partner': { write: contacts, create: contacts, unlink: contacts },
  'res.country': { write: access, create: access, unlink: access },
  'res.lang': { write: access, create: access, unlink: access },
  'res.users': { write: access, create: access, unlink: access },
  'res.company': { write: access, create: access, unlink: access },
  'res.currency': { write: settings, create: settings, unlink: settings },
  'ir.model.data': { read: access, write: access, create: access, unlink: access },
  'account.account': { write: chart, create: chart, unlink: chart },
  'account.journal': { write: chart, create: chart, unlink: chart },
  'account.tax': { write: chart, create: chart, unlink: chart },
  'account.tax.group': { write: chart, create: chart, unlink: chart },
  'account.payment.method.line': { write: chart, create: chart, unlink: chart },
  'account.move': bookkeeping,
  'account.move.line': bookkeeping,
  'account.partial.reconcile': bookkeeping,
  'account.payment': bookkeeping,
  'account.payment.register': bookkeeping,
  'account.move.reversal': bookkeeping,
};

export const mayAccess = (env: Env, model: string, operation: Operation): boolean =>
  rights[model]?.[operation]?.logins.includes(env.login) ?? true;

/** Throws the AccessError a real one answers when the user's groups do not allow the operation. */
export function checkAccess(env: Env, model: string, operation: Operation): void {
  if (mayAccess(env, model, operation)) return;
  const groups = (rights[model]?.[operation]?.groups ?? []).map(group => `\t- ${group}`).join('\n');
  const label = models.get(model)?.label ?? model;
  throw accessError(
    `You are not allowed to ${verbs[operation]} '${label}' (${model}) records.\n\n` +
      `This operation is allowed for the following groups:\n${groups}\n\n` +
      'Contact your administrator to request access if necessary.',
  );
}
