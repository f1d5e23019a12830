import type {
  ContractState,
  CustomerState,
  EventHead,
  Fact,
  FinanceWork,
  OdooWork,
  SupportWork,
} from '@keelson/contracts';
import type { OutputRecord } from '@keelson/stream';
import type { TargetRoute } from './route-table.ts';

/** What a work is made from. Encoding drops every field that the work's record does not declare: the cut is the schema's. */
export interface WorkContext {
  readonly head: EventHead;
  readonly fact: Fact;
  readonly customer: CustomerState;
  readonly contracts: readonly ContractState[];
  readonly replayId: string | null;
}

type WorkOutput = Pick<OutputRecord, 'record' | 'value'>;

/** The work record of the target's kind. */
export function workOf(
  route: TargetRoute,
  { head, fact, customer, contracts, replayId }: WorkContext,
): WorkOutput {
  const base = {
    head,
    position: fact.position,
    source: fact.source,
    rule: route.rule,
    class: route.class,
    mode: route.mode,
    replay_id: replayId,
  };
  switch (route.kind) {
    case 'odoo': {
      const work: OdooWork = { ...base, body: fact.body, customer, contracts };
      return { record: 'keelson.work.OdooWork', value: work };
    }
    case 'finance': {
      const work: FinanceWork = { ...base, body: publicBody(fact.body) };
      return { record: 'keelson.work.FinanceWork', value: work };
    }
    case 'support': {
      const body = 'keelson.fact.SupportCase' in fact.body ? fact.body['keelson.fact.SupportCase'] : null;
      const work: SupportWork = { ...base, body, customer, contracts };
      return { record: 'keelson.work.SupportWork', value: work };
    }
  }
}

const publicNames: Readonly<Record<string, string>> = {
  'keelson.fact.Customer': 'keelson.public.Customer',
  'keelson.fact.Contract': 'keelson.public.Contract',
  'keelson.fact.EntitlementSet': 'keelson.public.EntitlementSet',
  'keelson.fact.Invoice': 'keelson.public.Invoice',
  'keelson.fact.CreditNote': 'keelson.public.CreditNote',
  'keelson.fact.CustomerCredit': 'keelson.public.CustomerCredit',
  'keelson.fact.Payment': 'keelson.public.Payment',
  'keelson.fact.Allocation': 'keelson.public.Allocation',
  'keelson.fact.Refund': 'keelson.public.Refund',
  'keelson.fact.Dispute': 'keelson.public.Dispute',
  'keelson.fact.Payout': 'keelson.public.Payout',
  'keelson.fact.BalanceMovement': 'keelson.public.BalanceMovement',
  'keelson.fact.Product': 'keelson.public.Product',
  'keelson.fact.Price': 'keelson.public.Price',
  'keelson.fact.SupportCase': 'keelson.public.SupportCase',
};

/** The same body under its public name: its public record declares no personal field, so none is written. */
function publicBody(body: Fact['body']): FinanceWork['body'] {
  for (const name in body) {
    const publicName = publicNames[name];
    if (publicName === undefined) throw new Error(`${name} has no public record`);
    return {
      [publicName]: (body as unknown as Record<string, unknown>)[name],
    } as unknown as FinanceWork['body'];
  }
  throw new Error('a fact without a body');
}
