import { unwrap } from '@keelson/contracts';
import type { CustomerState, OdooWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, WorkItem } from '@keelson/sink';
import type { Odoo } from './client/json2.ts';
import type { Directory } from './directory.ts';
import { findInvoices, numberKey } from './invoices.ts';
import type { FoundMoves } from './invoices.ts';
import { findPartners, partnerValues } from './partners.ts';
import { externalIdOf } from './records/external-id.ts';
import { readInvoice } from './records/invoice.ts';
import type { InvoiceDocument } from './records/invoice.ts';
import { moveValues, refusalOfFinal } from './records/move.ts';
import { partnerCells, partnerHolds } from './records/partner.ts';
import type { PartnerCells, PartnerRow } from './records/partner.ts';
import { readStamp } from './records/stamp.ts';

/** What is to be made in Odoo. */
export type OdooPlan =
  | { readonly kind: 'partner'; readonly customer: CustomerState; readonly cells: PartnerCells }
  | {
      readonly kind: 'invoice';
      readonly document: InvoiceDocument;
      readonly customer: CustomerState;
      readonly cells: PartnerCells;
      /** The customer's partner, if there is one. */
      readonly partnerId: number | undefined;
      /** The draft that was found. */
      readonly moveId: number | undefined;
    };

export type OdooPlanned = Planned<OdooWork, OdooPlan>;

/** What a work asks for, before Odoo is looked at: or the answer that needs no look. */
export type Wanted =
  | EffectAnswer
  | { readonly kind: 'partner'; readonly customer: CustomerState }
  | { readonly kind: 'invoice'; readonly customer: CustomerState; readonly document: InvoiceDocument };

const partnerTypes: ReadonlySet<string> = new Set(['customer.upserted', 'customer.deleted']);

/** Only a customer's own state; its facts stand alone. */
export const stateKeyOf = ({ head }: OdooWork): string | null =>
  partnerTypes.has(head.type) ? head.customer_id : null;

export function wantedOf({ head, body, customer }: OdooWork, module: string, directory: Directory): Wanted {
  const isPartner = partnerTypes.has(head.type);
  const content = body === null || isPartner ? undefined : unwrap(body);
  const invoice =
    head.type === 'billing.invoice_finalized' && content?.noun === 'Invoice' ? content.value : undefined;
  if (!isPartner && invoice === undefined) return { answer: 'filtered', rule: 'unsupported' };
  if (customer === null)
    return { answer: 'refused', code: 'customer_missing', reason: 'the work carries no customer' };
  if (invoice === undefined) return { kind: 'partner', customer };
  const reading = readInvoice(invoice, head, module, directory);
  if ('filtered' in reading) return { answer: 'filtered', rule: reading.filtered };
  if ('refused' in reading) return { answer: 'refused', ...reading.refused };
  return { kind: 'invoice', customer, document: reading.document };
}

/** Looks at what Odoo has, in four calls at most, and decides. One result an item, in order. */
export async function planAll(
  odoo: Odoo,
  items: readonly WorkItem<OdooWork>[],
  wanted: readonly Wanted[],
  module: string,
  directory: Directory,
): Promise<(OdooPlanned | EffectAnswer)[]> {
  const open = wanted.flatMap(each => ('answer' in each ? [] : [each]));
  const customerIds = new Set(open.map(({ customer }) => customer.customer_id));
  const partners = await findPartners(odoo, module, [...customerIds]);
  const moves = await findInvoices(
    odoo,
    open.flatMap(each => (each.kind === 'invoice' ? [each.document] : [])),
  );
  return items.map((item, index) => {
    const each = wanted[index] as Wanted;
    if ('answer' in each) return each;
    const row = partners.get(each.customer.customer_id);
    const cells = partnerCells(each.customer, directory);
    if (each.kind === 'partner') return planPartner(item, each.customer, cells, row, module);
    return planInvoice(item, each.document, each.customer, cells, row, moves);
  });
}

function planPartner(
  item: WorkItem<OdooWork>,
  customer: CustomerState,
  cells: PartnerCells,
  row: PartnerRow | undefined,
  module: string,
): OdooPlanned | EffectAnswer {
  const effectId = externalIdOf(module, 'customer', customer.customer_id);
  const plan: OdooPlan = { kind: 'partner', customer, cells };
  if (row === undefined) return { item, effectId, effect: 'create', plan };
  const { version } = readStamp(row.ref);
  if (version > customer.version) return { answer: 'superseded', effectId };
  // What people changed since is a difference to report, not to overwrite: the same state is written once.
  if (version === customer.version || partnerHolds(row, cells))
    return { answer: 'already', effectId, targetRef: `res.partner,${row.id}`, values: partnerValues(row) };
  return { item, effectId, effect: 'update', plan };
}

function planInvoice(
  item: WorkItem<OdooWork>,
  document: InvoiceDocument,
  customer: CustomerState,
  cells: PartnerCells,
  partner: PartnerRow | undefined,
  { ours, taken }: FoundMoves,
): OdooPlanned | EffectAnswer {
  const effectId = document.externalId;
  const move = ours.get(document.externalId);
  if (move !== undefined && move.state !== 'draft') {
    const refusal = refusalOfFinal(document, move);
    if (refusal !== undefined) return { answer: 'refused', ...refusal };
    return {
      answer: 'already',
      effectId,
      targetRef: `account.move,${move.id}`,
      values: moveValues(document, move),
    };
  }
  if (taken.has(numberKey(document.journalId, document.number)))
    return {
      answer: 'refused',
      code: 'number_taken',
      reason: `somebody else posted an invoice ${document.number} in that journal`,
    };
  return {
    item,
    effectId,
    effect: move === undefined ? 'create' : 'update',
    plan: { kind: 'invoice', document, customer, cells, partnerId: partner?.id, moveId: move?.id },
  };
}
