import { KeelsonError, isoDateOf, unwrap } from '@keelson/contracts';
import type { CustomerState, FactInvoice, OdooTarget, OdooWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, SinkPort, WorkItem } from '@keelson/sink';
import type { OdooClient } from './client/json2.ts';
import { readDirectory } from './directory.ts';
import type { Directory } from './directory.ts';
import { findInvoices, loadDrafts, postDrafts, readMoves, settleTax } from './invoices.ts';
import { findPartners, partnerNeedsChange, writePartners } from './partners.ts';
import { differences } from './records/invoice.ts';
import type { MoveRow } from './records/invoice.ts';
import type { PartnerRow } from './records/partner.ts';
import { externalIdOf } from './records/external-id.ts';

/** What is to be done in Odoo, with what was found there. */
export type OdooPlan =
  | { readonly kind: 'partner'; readonly customer: CustomerState; readonly row: PartnerRow | undefined }
  | {
      readonly kind: 'invoice';
      readonly invoice: FactInvoice;
      readonly customer: CustomerState;
      readonly partner: PartnerRow | undefined;
      readonly move: MoveRow | undefined;
    };

type Item = WorkItem<OdooWork>;
type OdooPlanned = Planned<OdooWork, OdooPlan>;

/** Odoo as a target: customers as partners, finalised invoices as posted moves. */
export function createOdooPort(client: OdooClient, target: OdooTarget): SinkPort<OdooWork, OdooPlan> {
  const module = target.external_id_module;
  let known: Directory | undefined;
  const directory = async (signal: AbortSignal): Promise<Directory> =>
    (known ??= await readDirectory(client, target, signal));

  return {
    needs: [],
    maxBatch: 100,
    laneOf: work => work.head.customer_id,
    stateKeyOf: work => (work.head.type.startsWith('customer.') ? work.head.customer_id : null),

    check: async ({ signal }) => {
      known = undefined;
      await directory(signal);
    },

    plan: (items, { signal }) => plan(items, signal),
    apply: (planned, { signal }) => apply(planned, signal),

    lookUp: async (planned, context) => {
      const again = await plan(
        planned.map(({ item }) => item),
        context.signal,
      );
      return again.map(result =>
        'effect' in result && result.effect === 'none' ? answerOf(result, 'already') : null,
      );
    },

    close: () => client.close(),
  };

  async function plan(items: readonly Item[], signal: AbortSignal): Promise<(OdooPlanned | EffectAnswer)[]> {
    const tasks = items.flatMap(({ work }) => {
      const invoice = invoiceOf(work);
      return invoice === undefined ? [] : [{ invoice, head: work.head }];
    });
    const partners = await findPartners(
      client,
      module,
      [...new Set(items.map(({ work }) => work.head.customer_id))],
      signal,
    );
    const moves = await findInvoices(client, module, tasks, signal);
    const names = await directory(signal);
    return items.map(item => planOne(item, partners, moves, names));
  }

  function planOne(
    item: Item,
    partners: Map<string, PartnerRow>,
    moves: Map<string, MoveRow>,
    names: Directory,
  ): OdooPlanned | EffectAnswer {
    const { work } = item;
    const { customer } = work;
    if (customer === null)
      return { answer: 'refused', code: 'no_customer', reason: 'the work carries no customer' };
    const row = partners.get(customer.customer_id);
    const invoice = invoiceOf(work);
    if (invoice !== undefined) {
      const move = moves.get(invoice.invoice_id);
      const trouble = move === undefined ? undefined : refusalOf(move, invoice);
      if (trouble !== undefined) return trouble;
      return {
        item,
        effectId: externalIdOf(module, 'invoice', invoice.invoice_id),
        effect: move === undefined ? 'create' : move.state === 'draft' ? 'update' : 'none',
        plan: { kind: 'invoice', invoice, customer, partner: row, move },
      };
    }
    if (!work.head.type.startsWith('customer.')) return { answer: 'filtered', rule: 'unsupported' };
    const changes = partnerNeedsChange(names, { customer, row });
    return {
      item,
      effectId: externalIdOf(module, 'customer', customer.customer_id),
      effect: row === undefined ? 'create' : changes ? 'update' : 'none',
      plan: { kind: 'partner', customer, row },
    };
  }

  async function apply(planned: readonly OdooPlanned[], signal: AbortSignal): Promise<EffectAnswer[]> {
    try {
      const partnerIds = await applyPartners(planned, signal);
      const documents = await applyInvoices(planned, partnerIds, signal);
      return planned.map((one, index) => {
        const partner = partnerIds.get(one.plan.customer.customer_id);
        if (typeof partner === 'object') return partner;
        if (one.plan.kind === 'invoice')
          return documents.get(index) ?? unknown(one, 'no answer for this document');
        return {
          ...answerOf(one, 'applied'),
          ...(partner === undefined ? {} : { targetRef: `res.partner,${partner}` }),
        };
      });
    } catch (error) {
      if (error instanceof KeelsonError && error.kind === 'unknown_outcome')
        return planned.map(one => unknown(one, error.message));
      throw error;
    }
  }

  /** Writes what differs, and any partner that an invoice needs and Odoo lacks. Gives database ids, or the refusal. */
  async function applyPartners(
    planned: readonly OdooPlanned[],
    signal: AbortSignal,
  ): Promise<Map<string, number | EffectAnswer>> {
    const ids = new Map<string, number | EffectAnswer>();
    const changes = new Map<string, { customer: CustomerState; row: PartnerRow | undefined }>();
    for (const { plan } of planned) {
      const row = plan.kind === 'partner' ? plan.row : plan.partner;
      if (row !== undefined) ids.set(plan.customer.customer_id, row.id);
      if (row === undefined || plan.kind === 'partner')
        changes.set(plan.customer.customer_id, { customer: plan.customer, row });
    }
    const wanted = [...changes.values()];
    const results = await writePartners(client, await directory(signal), module, wanted, signal);
    for (const [index, { customer }] of wanted.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      ids.set(
        customer.customer_id,
        'id' in result ? result.id : { answer: 'refused', code: 'odoo_refused', reason: result.refused },
      );
    }
    return ids;
  }

  /** Draft once, tax to the cent, post, read back. Every step may be entered again. */
  async function applyInvoices(
    planned: readonly OdooPlanned[],
    partnerIds: Map<string, number | EffectAnswer>,
    signal: AbortSignal,
  ): Promise<Map<number, EffectAnswer>> {
    const answers = new Map<number, EffectAnswer>();
    const names = await directory(signal);
    const open = planned.flatMap((one, index) => {
      const { plan } = one;
      const partnerId = partnerIds.get(plan.customer.customer_id);
      return plan.kind === 'invoice' && typeof partnerId === 'number'
        ? [{ one, index, plan, partnerId }]
        : [];
    });
    const drafts = open.filter(({ plan }) => plan.move === undefined);
    const loaded = await loadDrafts(
      client,
      names,
      module,
      drafts.map(({ one, plan, partnerId }) => ({
        invoice: plan.invoice,
        head: one.item.work.head,
        partnerId,
      })),
      signal,
    );
    const ids = new Map<number, number>();
    for (const { plan, index } of open) if (plan.move !== undefined) ids.set(index, plan.move.id);
    for (const [at, { index }] of drafts.entries()) {
      const result = loaded[at];
      if (typeof result === 'number') ids.set(index, result);
      else if (result !== undefined) answers.set(index, { answer: 'refused', ...result });
    }
    const before = await readMoves(client, [...ids.values()], signal);
    const toPost: number[] = [];
    for (const { index, plan } of open) {
      const row = before.get(ids.get(index) ?? -1);
      if (row?.state !== 'draft') continue;
      const trouble = await settleTax(client, names, plan.invoice, row, target.tax_tolerance_minor, signal);
      if (trouble === null) toPost.push(row.id);
      else answers.set(index, { answer: 'refused', ...trouble });
    }
    const refusals = await postDrafts(client, toPost, signal);
    const after = await readMoves(client, [...ids.values()], signal);
    for (const { one, index, plan } of open) {
      const id = ids.get(index);
      if (id === undefined || answers.has(index)) continue;
      const refusal = refusals.get(id);
      const row = after.get(id);
      if (refusal !== undefined) answers.set(index, { answer: 'refused', ...refusal });
      else if (row !== undefined) answers.set(index, posted(one, plan.invoice, row));
    }
    return answers;
  }
}

function invoiceOf({ head, body }: OdooWork): FactInvoice | undefined {
  if (head.type !== 'billing.invoice_finalized' || body === null) return undefined;
  const { noun, value } = unwrap(body);
  return noun === 'Invoice' ? value : undefined;
}

/** After posting the difference is zero, or somebody must look. */
function refusalOf(row: MoveRow, invoice: FactInvoice): EffectAnswer | undefined {
  if (row.state === 'draft') return undefined;
  if (row.state === 'cancel')
    return {
      answer: 'refused',
      code: 'cancelled_in_odoo',
      reason: `${String(row.name)} was cancelled in Odoo`,
    };
  const { net, tax } = differences(invoice, row);
  if (net === 0n && tax === 0n) return undefined;
  return {
    answer: 'refused',
    code: 'posted_total_differs',
    reason: `${String(row.name)} is posted with ${row.amount_untaxed} + ${row.amount_tax}`,
  };
}

function posted(one: OdooPlanned, invoice: FactInvoice, row: MoveRow): EffectAnswer {
  const trouble = refusalOf(row, invoice);
  if (trouble !== undefined) return trouble;
  if (row.state !== 'posted')
    return { answer: 'refused', code: 'not_posted', reason: `${String(row.name)} is ${row.state}` };
  const wanted = isoDateOf(one.item.work.head.accounting_date);
  return {
    ...answerOf(one, one.effect === 'none' ? 'already' : 'applied'),
    targetRef: `account.move,${row.id}`,
    values: {
      name: String(row.name),
      state: row.state,
      date: row.date,
      amount_untaxed: String(row.amount_untaxed),
      amount_tax: String(row.amount_tax),
      amount_total: String(row.amount_total),
      currency: row.currency_id[1],
      ...(row.date === wanted ? {} : { date_moved_from: wanted }),
    },
  };
}

const answerOf = (
  { effectId }: OdooPlanned,
  answer: 'applied' | 'already',
): EffectAnswer & { readonly answer: 'applied' | 'already' } => ({ answer, effectId });

const unknown = ({ effectId }: OdooPlanned, reason: string): EffectAnswer => ({
  answer: 'unknown',
  effectId,
  reason,
});
