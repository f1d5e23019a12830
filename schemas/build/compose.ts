import type { AvroField, AvroRecord, AvroType, EventDeclaration, NamedType } from './load.ts';
import { project, publicProjection, visibleProjection } from './project.ts';

const nouns = [
  'Customer',
  'Contract',
  'EntitlementSet',
  'Invoice',
  'CreditNote',
  'CustomerCredit',
  'Payment',
  'Allocation',
  'Refund',
  'Dispute',
  'Payout',
  'BalanceMovement',
  'Product',
  'Price',
  'SupportCase',
];

/** Field name of a noun inside its event: Invoice → invoice, CreditNote → credit_note. */
export const fieldOfNoun = (noun: string): string => noun.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();

/** The public event: head first, then the noun without what is personal. */
export function composeEvent(types: Map<string, NamedType>, event: EventDeclaration): void {
  const body = project(types, `keelson.fact.${event.noun}`, publicProjection);
  types.set(event.record, {
    type: 'record',
    name: event.record,
    doc: event.doc,
    fields: [
      { name: 'head', type: 'keelson.EventHead' },
      { name: fieldOfNoun(event.noun), type: body },
    ],
  });
}

/**
 * The work records, one a kind of target. The cut is made here: Odoo gets everything, finance nothing personal,
 * support only what is tagged visible.
 */
export function composeWorks(types: Map<string, NamedType>): void {
  const full = (name: string): string => name;
  const open = (name: string): string => project(types, name, publicProjection);
  const seen = (name: string): string => project(types, name, visibleProjection);
  types.set('keelson.work.WorkMode', {
    type: 'enum',
    name: 'keelson.work.WorkMode',
    symbols: ['live', 'shadow'],
  });
  types.set(
    'keelson.work.OdooWork',
    workRecord(
      'OdooWork',
      nouns,
      full,
      full('keelson.state.CustomerState'),
      full('keelson.state.ContractState'),
    ),
  );
  types.set('keelson.work.FinanceWork', workRecord('FinanceWork', nouns, open, null, null));
  types.set(
    'keelson.work.SupportWork',
    workRecord(
      'SupportWork',
      ['SupportCase'],
      seen,
      seen('keelson.state.CustomerState'),
      seen('keelson.state.ContractState'),
    ),
  );
}

function workRecord(
  name: string,
  bodies: readonly string[],
  cut: (name: string) => string,
  customer: string | null,
  contract: string | null,
): AvroRecord {
  const context: AvroField[] = [];
  if (customer !== null) context.push({ name: 'customer', type: ['null', customer], default: null });
  if (contract !== null)
    context.push({ name: 'contracts', type: { type: 'array', items: contract }, default: [] });
  const body: AvroType = ['null', ...bodies.map(noun => cut(`keelson.fact.${noun}`))];
  return {
    type: 'record',
    name: `keelson.work.${name}`,
    doc: 'What one sink is asked to do, with the context that it may see.',
    fields: [
      { name: 'head', type: 'keelson.EventHead' },
      { name: 'position', type: 'string', doc: 'The ingress record that caused it, topic/partition/offset.' },
      { name: 'source', type: 'string' },
      { name: 'rule', type: 'string', doc: 'The route that chose it.' },
      { name: 'class', type: 'string', doc: 'A class of flows.yaml: urgent, bulk or scheduled.' },
      { name: 'mode', type: 'keelson.work.WorkMode' },
      { name: 'body', type: body, default: null },
      ...context,
      { name: 'replay_id', type: ['null', 'string'], default: null },
    ],
  };
}
