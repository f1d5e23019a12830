import { expect, test } from '@jest/globals';
import { createWorld } from '../world.ts';
import type { ExpectedDeskCustomer } from './desk.ts';
import { deskCustomersOf } from './desk.ts';

const customers = [1, 2, 3].flatMap(seed => deskCustomersOf(createWorld({ seed, events: 2000 })));
const every = (
  which: (one: ExpectedDeskCustomer) => boolean,
  is: (one: ExpectedDeskCustomer) => boolean,
): void => {
  const chosen = customers.filter(which);
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.filter(one => !is(one))).toEqual([]);
};

test('an ended contract neither renews nor is owed for, and brings nothing', () => {
  every(
    one => one.status === 'ended',
    one =>
      one.endedOn !== null &&
      one.renewsOn === null &&
      one.cancelsOn === null &&
      one.mrrBand === '0' &&
      !one.pastDue,
  );
});

test('a scheduled cancellation takes the place of the renewal', () => {
  every(
    one => one.cancelsOn !== null,
    one => one.renewsOn === null && one.status === 'active',
  );
});

test('who leaves for good has no contract left', () => {
  every(
    one => one.deleted,
    one => one.status === 'ended',
  );
});

test('all bands, plans and standings occur', () => {
  const seen = (pick: (one: ExpectedDeskCustomer) => string | null): unknown[] =>
    [...new Set(customers.map(pick))].sort();
  expect(seen(one => one.mrrBand)).toEqual(['0', '1-99', '100-499', '2000+', '500-1999']);
  // Null: a history that was cut before they subscribed.
  expect(seen(one => one.planName)).toEqual(['Business', 'Enterprise', 'Free', 'Starter', 'Team', null]);
  expect(seen(one => one.status)).toEqual(expect.arrayContaining(['active', 'ended', 'past_due']));
  expect(new Set(customers.map(one => one.disputeOpen)).size).toBe(2);
  expect(new Set(customers.map(one => one.collectionPaused)).size).toBe(2);
});

test('the free plan is at zero, the dearest in yen is above two thousand', () => {
  every(
    one => one.planName === 'Free',
    one => one.mrrBand === '0',
  );
  every(
    one => one.planName === 'Enterprise' && one.status === 'active' && one.country === 'JP',
    one => one.mrrBand === '2000+',
  );
});
