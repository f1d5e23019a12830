import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, contextFields, deskUserOf } from './context.ts';
import { supportWork } from './testing/works.ts';
import type { SupportWorkOptions } from './testing/works.ts';

const micros = (day: string): number => Date.parse(`${day}T12:00:00Z`) * 1000;

const userOf = (options: Partial<SupportWorkOptions> = {}) => {
  const work = supportWork({ customer: 1, version: 3, ...options });
  if (work.customer === null) throw new Error('no customer');
  return deskUserOf(work, work.customer);
};
const fieldsOf = (options: Partial<SupportWorkOptions> = {}) => userOf(options).fields;

describe('what an agent sees', () => {
  test('a running contract', () => {
    expect(userOf()).toEqual({
      externalId: expect.any(String),
      name: 'Customer 1',
      email: 'c1@example.com',
      fields: {
        keelson_plan: 'Pro',
        keelson_status: 'active',
        keelson_renews_on: '2026-12-01',
        keelson_cancels_on: null,
        keelson_mrr_band: '100-499',
        keelson_past_due: false,
        keelson_past_due_band: null,
        keelson_tier: null,
        keelson_sla: null,
        keelson_dispute_open: false,
        keelson_country: 'BE',
        keelson_language: 'nl',
        keelson_contracts: 'Pro: active',
        keelson_version: '3.1',
      },
    });
  });

  test('no contract yet', () => {
    expect(fieldsOf({ contracts: [] })).toMatchObject({
      keelson_plan: null,
      keelson_status: null,
      keelson_renews_on: null,
      keelson_mrr_band: '0',
      keelson_contracts: '',
      keelson_version: '3.0',
    });
  });

  test('a contract that will end does not renew', () => {
    expect(fieldsOf({ contracts: [{ cancel_at: micros('2026-11-30') }] })).toMatchObject({
      keelson_renews_on: null,
      keelson_cancels_on: '2026-11-30',
    });
  });

  test('a contract that is over neither renews nor cancels nor pays', () => {
    const contracts = [
      { status: 'ended' as const, cancel_at: micros('2026-10-01'), ended_at: micros('2026-10-01') },
    ];
    expect(fieldsOf({ contracts })).toMatchObject({
      keelson_plan: 'Pro',
      keelson_status: 'ended',
      keelson_renews_on: null,
      keelson_cancels_on: null,
      keelson_mrr_band: '0',
    });
  });

  test('of several contracts the one that runs, the latest of those; the highest band', () => {
    const contracts = [
      { plan: 'Basic', mrr_band: '500-1999' },
      { plan: 'Pro', mrr_band: '1-99' },
      { plan: 'Old', status: 'ended' as const, mrr_band: '2000+' },
    ];
    expect(fieldsOf({ contracts })).toMatchObject({
      keelson_plan: 'Pro',
      keelson_mrr_band: '500-1999',
      keelson_contracts: 'Basic: active; Pro: active; Old: ended',
    });
  });

  test.each([
    [0, '0-7'],
    [7, '0-7'],
    [8, '8-30'],
    [31, '31-60'],
    [61, '61+'],
  ])('past due for %d days', (days, band) => {
    const contracts = [{ status: 'past_due' as const, past_due_since: micros('2026-09-01') }];
    const receivedAt = micros('2026-09-01') + days * 86_400_000_000;
    expect(fieldsOf({ contracts, receivedAt })).toMatchObject({
      keelson_past_due: true,
      keelson_past_due_band: band,
    });
  });

  test('tier and service level come from entitlements', () => {
    const entitlements = [
      { feature_key: 'tier', value: 'gold', valid_from: null, valid_to: null },
      { feature_key: 'sla', value: '4h', valid_from: null, valid_to: null },
    ];
    expect(fieldsOf({ contracts: [{ entitlements }] })).toMatchObject({
      keelson_tier: 'gold',
      keelson_sla: '4h',
    });
  });

  test('an open dispute is a flag, without its reason', () => {
    expect(fieldsOf({ state: { disputes_open: 2 } })).toMatchObject({ keelson_dispute_open: true });
  });

  test('and nothing else, whatever comes with the work', () => {
    const canary = fc.string({ minLength: 8, maxLength: 12 }).map(text => `CANARY${text}`);
    fc.assert(
      fc.property(fc.dictionary(canary, canary), extra => {
        const user = userOf({ state: extra, contracts: [extra] });
        expect(Object.keys(user)).toEqual(['externalId', 'name', 'email', 'fields']);
        expect(Object.keys(user.fields).sort()).toEqual([...contextFields].sort());
        expect(JSON.stringify(user)).not.toContain('CANARY');
      }),
    );
  });
});

test.each([
  ['1.1', '1.2', -1],
  ['1.10', '1.9', 1],
  ['2.0', '1.99', 1],
  ['1.1', '1.1', 0],
  ['1.1', null, 1],
  ['1.1', 'by hand', 1],
])('%s against %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
