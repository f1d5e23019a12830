import type { EffectAnswer } from '@keelson/sink';
import type { Odoo } from './client/json2.ts';
import { makeInvoices } from './invoices.ts';
import type { InvoiceOutcome, InvoiceTask } from './invoices.ts';
import { writePartners } from './partners.ts';
import type { PartnerChange, PartnerOutcome } from './partners.ts';
import type { OdooPlan, OdooPlanned } from './plan.ts';
import { externalIdOf } from './records/external-id.ts';
import { moveValues } from './records/move.ts';

export interface ApplyOptions {
  readonly module: string;
  readonly toleranceMinor: number;
}

type InvoicePlan = Extract<OdooPlan, { kind: 'invoice' }>;

/** Partners first: those that changed, and those that an invoice needs and Odoo lacks. One answer a plan, in order. */
export async function applyAll(
  odoo: Odoo,
  planned: readonly OdooPlanned[],
  { module, toleranceMinor }: ApplyOptions,
): Promise<readonly EffectAnswer[]> {
  const partners = await writePartners(odoo, module, changesOf(planned));
  const tasks = new Map<InvoicePlan, InvoiceTask>();
  for (const { plan } of planned) {
    if (plan.kind !== 'invoice') continue;
    const partnerId = plan.partnerId ?? idOf(partners.get(plan.customer.customer_id));
    if (partnerId === undefined) continue;
    const externalId = externalIdOf(module, 'customer', plan.customer.customer_id);
    tasks.set(plan, {
      document: plan.document,
      partner: { id: partnerId, externalId },
      moveId: plan.moveId,
    });
  }
  const made = await makeInvoices(odoo, [...tasks.values()], toleranceMinor);
  const outcomes = new Map([...tasks.keys()].map((plan, index) => [plan, made[index] as InvoiceOutcome]));
  return planned.map(({ effectId, plan }) => {
    const partner = partners.get(plan.customer.customer_id);
    const outcome = plan.kind === 'invoice' ? outcomes.get(plan) : undefined;
    if (plan.kind === 'partner' || outcome === undefined) return answerOfPartner(effectId, partner);
    if ('refused' in outcome) return { answer: 'refused', ...outcome.refused };
    return {
      answer: 'applied',
      effectId,
      targetRef: `account.move,${outcome.row.id}`,
      values: moveValues(plan.document, outcome.row),
    };
  });
}

/** One change a customer: its own work, if there is one, says most. */
function changesOf(planned: readonly OdooPlanned[]): readonly PartnerChange[] {
  const changes = new Map<string, PartnerChange>();
  for (const { plan } of planned) {
    const { customer, cells } = plan;
    const known = changes.get(customer.customer_id);
    const needed = plan.kind === 'partner' || plan.partnerId === undefined;
    if (needed && (known === undefined || known.customer.version < customer.version))
      changes.set(customer.customer_id, { customer, cells });
  }
  return [...changes.values()];
}

const idOf = (outcome: PartnerOutcome | undefined): number | undefined =>
  outcome !== undefined && 'id' in outcome ? outcome.id : undefined;

function answerOfPartner(effectId: string, outcome: PartnerOutcome | undefined): EffectAnswer {
  if (outcome === undefined) return { answer: 'unknown', effectId, reason: 'no answer for its partner' };
  if ('refused' in outcome) return { answer: 'refused', ...outcome.refused };
  if ('unknown' in outcome) return { answer: 'unknown', effectId, reason: outcome.unknown };
  return { answer: 'applied', effectId, targetRef: `res.partner,${outcome.id}`, values: outcome.values };
}
