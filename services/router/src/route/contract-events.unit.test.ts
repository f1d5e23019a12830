import { describe, expect, test } from '@jest/globals';
import type { ContractState, Fact, FactContract } from '@keelson/contracts';
import { contractBody, contractId, day, snapshot, t0, usd } from '../testing/facts.ts';
import { contractEvents } from './contract-events.ts';
import { contractStub, mrrBand, tellContract } from './contract-state.ts';
import { customerStub } from './customer-state.ts';

const told = (more: Partial<FactContract>, at = t0): ContractState => {
  const body = contractBody(more);
  const fact: Fact = snapshot('contract.changed', body, at);
  const contract = (body as { 'keelson.fact.Contract': FactContract })['keelson.fact.Contract'];
  return tellContract(contractStub(contractId, fact, customerStub(fact), 'USD'), fact, contract);
};

const active = told({});

describe('what happened between two states of a contract', () => {
  test.each<[string, Partial<FactContract>, string[]]>([
    ['not yet paid', { status: 'incomplete' }, ['contract.created']],
    ['runs at once', {}, ['contract.created', 'contract.activated']],
    ['in a trial', { status: 'trialing' }, ['contract.created', 'contract.activated']],
    ['over already', { status: 'ended' }, ['contract.created', 'contract.ended']],
    ['paused', { collection_paused: true }, ['contract.created', 'contract.activated', 'contract.paused']],
  ])('first told of: %s', (_, more, events) => {
    expect(contractEvents(undefined, told(more))).toEqual(events);
  });

  test.each<[string, Partial<FactContract>, string[]]>([
    ['nothing', {}, []],
    ['a new period', { current_period_start: t0 + 30 * day }, ['contract.renewed']],
    ['another plan', { plan: 'Max' }, ['contract.changed']],
    ['past due', { status: 'past_due' }, ['contract.changed']],
    ['its end is set', { cancel_at: t0 + 9 * day }, ['contract.cancel_scheduled']],
    ['service paused', { status: 'paused', service_paused: true }, ['contract.paused']],
    ['ended', { status: 'ended', ended_at: t0 + day }, ['contract.ended']],
    [
      'renewed with another plan',
      { current_period_start: t0 + 30 * day, plan: 'Max' },
      ['contract.renewed', 'contract.changed'],
    ],
  ])('after running: %s', (_, more, events) => {
    expect(contractEvents(active, told(more, t0 + day))).toEqual(events);
  });

  test('a paused contract is resumed, not activated', () => {
    const paused = told({ status: 'paused', service_paused: true });
    expect(contractEvents(paused, told({}, t0 + day))).toEqual(['contract.resumed']);
  });

  test('an end that is taken back is a change', () => {
    expect(contractEvents(told({ cancel_at: t0 + day }), active)).toEqual(['contract.changed']);
  });

  test('what has ended ends once', () => {
    const ended = told({ status: 'ended' });
    expect(contractEvents(ended, told({ status: 'ended' }, t0 + day))).toEqual([]);
  });
});

test.each([
  [null, '0'],
  [usd(0), '0'],
  [usd(50), '1-99'],
  [usd(9_999), '1-99'],
  [usd(10_000), '100-499'],
  [usd(49_999), '100-499'],
  [usd(50_000), '500-1999'],
  [usd(200_000), '2000+'],
])('band of %p is %s', (mrr, band) => {
  expect(mrrBand(mrr)).toBe(band);
});
