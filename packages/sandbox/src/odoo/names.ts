import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { numberOf, rowsOf, textOf } from './records.ts';

const draftKinds: Record<string, string> = {
  out_invoice: 'Draft Invoice',
  out_refund: 'Draft Credit Note',
  in_invoice: 'Draft Bill',
  in_refund: 'Draft Vendor Credit Note',
  out_receipt: 'Draft Sales Receipt',
  in_receipt: 'Draft Purchase Receipt',
  entry: 'Draft Entry',
};

function moveName(row: Row): string {
  const number = row['name'] === null ? `(* ${String(row['id'])})` : textOf(row, 'name');
  const draft = row['state'] === 'draft' ? `${draftKinds[textOf(row, 'move_type')] ?? 'Draft Entry'} ` : '';
  const ref = row['ref'] === null ? '' : ` (${textOf(row, 'ref')})`;
  return `${draft}${number}${ref}`;
}

/** How a record is called where another names it. */
export function displayName(env: Env, model: string, row: Row): string {
  switch (model) {
    case 'res.partner':
      return textOf(row, 'complete_name');
    case 'account.account':
      // Codes are shown to who has the accounting features.
      return env.login === 'admin' ? `${textOf(row, 'code')} ${textOf(row, 'name')}` : textOf(row, 'name');
    case 'account.move':
      return moveName(row);
    case 'account.payment':
      return row['name'] === null ? 'Draft Payment' : textOf(row, 'name');
    case 'account.move.line':
      return textOf(row, 'name');
    default:
      return row['name'] === undefined ? `${model},${String(numberOf(row, 'id'))}` : textOf(row, 'name');
  }
}

/** The names of many records at once. */
export function displayNames(env: Env, model: string, ids: Iterable<number>): Map<number, string> {
  const rows = rowsOf(env, model, [...new Set(ids)]);
  return new Map(rows.map(row => [numberOf(row, 'id'), displayName(env, model, row)]));
}
