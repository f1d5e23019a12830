import { KeelsonError, toDecimal } from '@keelson/contracts';
import type { EventHead, FactInvoice } from '@keelson/contracts';
import type { OdooClient } from './client/json2.ts';
import { loadRecords } from './client/load.ts';
import type { Directory } from './directory.ts';
import { quiet } from './partners.ts';
import { externalIdOf } from './records/external-id.ts';
import {
  differences,
  invoiceFields,
  invoiceReadFields,
  invoiceRecord,
  moveTypeOf,
} from './records/invoice.ts';
import type { MoveRow } from './records/invoice.ts';

export interface InvoiceTask {
  readonly invoice: FactInvoice;
  readonly head: EventHead;
}

/** Why a document is not made, or not posted. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

const refused = (code: string, reason: string): Refusal => ({ code, reason });

/** Documents that are there already, by invoice id: found by the issuer's number, confirmed by the external id. */
export async function findInvoices(
  client: OdooClient,
  module: string,
  tasks: readonly InvoiceTask[],
  signal: AbortSignal,
): Promise<Map<string, MoveRow>> {
  const found = new Map<string, MoveRow>();
  const numbers = tasks.flatMap(({ invoice }) => (invoice.number === null ? [] : [invoice.number]));
  if (numbers.length === 0) return found;
  const rows = (await client.call(
    'account.move',
    'search_read',
    {
      domain: [
        ['name', 'in', numbers],
        ['move_type', 'in', ['out_invoice', 'out_refund']],
      ],
      fields: invoiceReadFields,
    },
    { signal, changes: false },
  )) as MoveRow[];
  if (rows.length === 0) return found;
  const names = (await client.call(
    'account.move',
    'get_external_id',
    { ids: rows.map(row => row.id) },
    { signal, changes: false },
  )) as Record<string, string>;
  const byName = new Map(rows.map(row => [names[String(row.id)], row]));
  for (const { invoice } of tasks) {
    const row = byName.get(externalIdOf(module, 'invoice', invoice.invoice_id));
    if (row !== undefined) found.set(invoice.invoice_id, row);
  }
  return found;
}

/** Drafts with their lines, in one call. Loading one again changes nothing: each line has an external id of its own. */
export async function loadDrafts(
  client: OdooClient,
  directory: Directory,
  module: string,
  tasks: readonly (InvoiceTask & { readonly partnerId: number })[],
  signal: AbortSignal,
): Promise<readonly (number | Refusal)[]> {
  const results: (number | Refusal | undefined)[] = tasks.map(({ invoice }) => obstacle(directory, invoice));
  const open = tasks.flatMap((task, index) => (results[index] === undefined ? [{ task, index }] : []));
  const records = open.map(({ task: { invoice, head, partnerId } }) =>
    invoiceRecord(invoice, head, {
      module,
      partnerId,
      journalId: directory.journalId,
      currencyId: directory.currencyId(invoice.total.currency) ?? 0,
      taxIdsOf: line => {
        const answer = directory.taxesOf(line);
        return 'taxes' in answer ? answer.taxes.map(({ id }) => id) : [];
      },
    }),
  );
  const loaded = await loadRecords(client, 'account.move', invoiceFields, records, quiet, signal);
  for (const [at, { index }] of open.entries()) {
    const result = loaded[at];
    if (result !== undefined)
      results[index] = 'id' in result ? result.id : refused('odoo_refused', result.refused);
  }
  return results.map(result => result ?? refused('odoo_refused', 'Odoo said nothing of this document'));
}

/** What keeps a document out of this Odoo before anything is written. */
function obstacle(directory: Directory, invoice: FactInvoice): Refusal | undefined {
  if (invoice.lines.length === 0)
    return refused('invoice_without_lines', 'an invoice without lines has nothing to post');
  if (invoice.number === null)
    return refused('invoice_without_number', 'a finalised invoice carries its issuer’s number');
  if (directory.currencyId(invoice.total.currency) === undefined) {
    return refused('currency_inactive', `the currency ${invoice.total.currency} is not active in Odoo`);
  }
  for (const line of invoice.lines) {
    const taxes = directory.taxesOf(line);
    if ('missing' in taxes) return refused('tax_unmapped', `no sale tax in Odoo stands for ${taxes.missing}`);
  }
  return undefined;
}

/** Reads documents back, in the order asked for. */
export async function readMoves(
  client: OdooClient,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, MoveRow>> {
  if (ids.length === 0) return new Map();
  const rows = (await client.call(
    'account.move',
    'read',
    { ids, fields: invoiceReadFields },
    { signal, changes: false },
  )) as MoveRow[];
  return new Map(rows.map(row => [row.id, row]));
}

/**
 * The issuer is right about its tax: up to `toleranceMinor` per tax line is set on the draft; anything more, or any
 * difference in the base, leaves it a draft. Returns why, or null when the totals are now the issuer's.
 */
export async function settleTax(
  client: OdooClient,
  directory: Directory,
  invoice: FactInvoice,
  row: MoveRow,
  toleranceMinor: number,
  signal: AbortSignal,
): Promise<Refusal | null> {
  const { net, tax } = differences(invoice, row);
  if (net === 0n && tax === 0n) return null;
  const says = `the issuer says ${toDecimal(invoice.net)} + ${toDecimal(invoice.tax)} ${invoice.total.currency}, Odoo ${row.amount_untaxed} + ${row.amount_tax}`;
  if (net !== 0n) return refused('base_differs', `${says}; it stays a draft`);
  const taxLines = invoice.lines.reduce((count, line) => count + line.taxes.length, 0);
  if ((tax < 0n ? -tax : tax) > BigInt(toleranceMinor * Math.max(taxLines, 1)))
    return refused('tax_differs', `${says}; it stays a draft`);
  const sign = moveTypeOf(invoice) === 'out_refund' ? -1n : 1n;
  const byGroup = new Map<number, bigint>();
  for (const line of invoice.lines) {
    const answer = directory.taxesOf(line);
    if (!('taxes' in answer)) continue;
    const groups = answer.taxes.map(({ groupId }) => groupId);
    for (const [index, { amount }] of line.taxes.entries()) {
      const group = groups[index] ?? groups[0];
      if (group !== undefined) byGroup.set(group, (byGroup.get(group) ?? 0n) + amount.amount_minor * sign);
    }
  }
  const taxGroups = [...byGroup].map(([id, amountMinor]) => ({
    id,
    tax_amount_currency: Number(toDecimal({ ...invoice.tax, amount_minor: amountMinor })),
  }));
  await client.call(
    'account.move',
    'write',
    { ids: [row.id], vals: { tax_totals: { subtotals: [{ tax_groups: taxGroups }] } } },
    { signal, changes: true },
  );
  return null;
}

/** Posts drafts in one call; when Odoo refuses the batch, one by one, so that only the bad one is refused. */
export async function postDrafts(
  client: OdooClient,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, Refusal>> {
  const refusals = new Map<number, Refusal>();
  if (ids.length === 0) return refusals;
  try {
    await client.call('account.move', 'action_post', { ids, context: quiet }, { signal, changes: true });
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.kind !== 'rejected') throw error;
    if (ids.length === 1 && ids[0] !== undefined)
      return refusals.set(ids[0], refused(error.code, error.message));
    for (const id of ids)
      for (const [key, value] of await postDrafts(client, [id], signal)) refusals.set(key, value);
  }
  return refusals;
}
