import type { Company } from './company.ts';
import type { Customer } from './model.ts';
import type { Random } from './prng.ts';
import { HOUR_S, timestampOf } from './time.ts';

/** By which door the desk tells of a case: Standard Webhooks, or the company's own API. */
export type SupportDoor = 'standard-webhooks' | 'api';
export type SupportStatus = 'open' | 'pending' | 'solved';

export type SupportCase = {
  id: string;
  customer: Customer;
  opened: number;
  status: SupportStatus;
  priority: 'low' | 'normal' | 'high' | 'urgent';
  channel: 'email' | 'chat' | 'phone';
  escalated: boolean;
};

export type SupportEvent = {
  id: string;
  door: SupportDoor;
  type: 'support.case_opened' | 'support.case_changed' | 'support.case_escalated' | 'support.case_closed';
  created: number;
  sequence: number;
  customerId: string;
  body: { id: string; type: string; timestamp: string; data: Record<string, unknown> };
};

/** Exactly `count` events about cases of these customers; the last case may still be open. */
export function openCases(
  company: Company,
  random: Random,
  account: string,
  count: number,
): { cases: SupportCase[]; events: SupportEvent[] } {
  const cases: SupportCase[] = [];
  const events: SupportEvent[] = [];
  const customers = company.customers.filter(customer => customer.deletedAt === null);
  while (events.length < count && customers.length > 0) {
    const customer = random.pick(customers);
    const opened = customer.created + random.int(1, 40 * 24) * HOUR_S;
    const one: SupportCase = {
      id: `case_${random.token(12)}`,
      customer,
      opened,
      status: 'open',
      priority: random.pick(['low', 'normal', 'high']),
      channel: random.pick(['email', 'chat', 'phone']),
      escalated: false,
    };
    cases.push(one);
    company.actions.set('support_case', (company.actions.get('support_case') ?? 0) + 1);
    const door: SupportDoor = random.chance(0.5) ? 'standard-webhooks' : 'api';
    let at = opened;
    const tell = (type: SupportEvent['type']): void => {
      if (events.length < count) events.push(eventOf(random, account, one, door, type, at, events.length));
    };
    tell('support.case_opened');
    for (const type of random.pick(STORIES)) {
      if (events.length >= count) break;
      at += random.int(1, 30) * HOUR_S;
      happen(one, type);
      tell(type);
    }
  }
  return { cases, events };
}

const STORIES: readonly (readonly SupportEvent['type'][])[] = [
  [],
  ['support.case_closed'],
  ['support.case_changed', 'support.case_closed'],
  ['support.case_escalated'],
  ['support.case_escalated', 'support.case_changed', 'support.case_closed'],
];

function happen(one: SupportCase, type: SupportEvent['type']): void {
  if (type === 'support.case_changed') one.status = 'pending';
  if (type === 'support.case_closed') one.status = 'solved';
  if (type === 'support.case_escalated') {
    one.escalated = true;
    one.priority = 'urgent';
  }
}

function eventOf(
  random: Random,
  account: string,
  one: SupportCase,
  door: SupportDoor,
  type: SupportEvent['type'],
  created: number,
  sequence: number,
): SupportEvent {
  const id = `msg_${random.token(24)}`;
  const data = {
    subject: `stripe:${account}:${one.customer.id}`,
    case_id: one.id,
    status: one.status,
    priority: one.priority,
    channel: one.channel,
    opened_at: timestampOf(one.opened),
  };
  const body = { id, type, timestamp: timestampOf(created), data };
  return { id, door, type, created, sequence, customerId: one.customer.id, body };
}
