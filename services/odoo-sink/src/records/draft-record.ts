import { toDecimal } from '@keelson/contracts';
import type { LoadRecord } from '../client/load.ts';
import type { InvoiceDocument } from './invoice.ts';

const ownColumns = [
  'id',
  'name',
  'move_type',
  'partner_id/id',
  'journal_id/.id',
  'currency_id/.id',
  'invoice_date',
  'invoice_date_due',
  'invoice_origin',
];
const lineColumns = ['id', 'name', 'quantity', 'price_unit', 'tax_ids/.id'];
const columns = [...ownColumns, ...lineColumns.map(column => `invoice_line_ids/${column}`)];

/**
 * The rows for `load`: the draft with its lines. Each line has an external id of its own, so that loading it again
 * changes the line and never adds it a second time.
 */
export function draftRecord(document: InvoiceDocument, partnerExternalId: string): LoadRecord {
  const own = [
    document.externalId,
    document.number,
    document.moveType,
    partnerExternalId,
    String(document.journalId),
    String(document.currencyId),
    document.date,
    document.dueDate,
    document.origin,
  ];
  const nothing = own.map(() => null);
  const rows = document.lines.map(({ name, net, taxIds }, index) => [
    ...(index === 0 ? own : nothing),
    `${document.externalId}_line_${index + 1}`,
    name,
    '1',
    toDecimal(net),
    taxIds.join(','),
  ]);
  return { columns, rows };
}
