import { expect, test } from '@jest/globals';
import { accountingDateOf, isoDateOf } from './dates.ts';

const dateAt = (iso: string, zone: string): string =>
  isoDateOf(accountingDateOf(Date.parse(iso) * 1000, zone));

test.each([
  ['2026-11-23T22:59:59.999Z', 'Europe/Brussels', '2026-11-23'],
  ['2026-11-23T23:00:00.000Z', 'Europe/Brussels', '2026-11-24'],
  ['2026-06-23T21:59:59.999Z', 'Europe/Brussels', '2026-06-23'],
  ['2026-06-23T22:00:00.000Z', 'Europe/Brussels', '2026-06-24'],
  ['2026-11-23T18:14:59.999Z', 'Asia/Kathmandu', '2026-11-23'],
  ['2026-11-23T18:15:00.000Z', 'Asia/Kathmandu', '2026-11-24'],
  ['2026-11-23T23:59:59.999Z', 'UTC', '2026-11-23'],
  ['2026-11-24T00:00:00.000Z', 'UTC', '2026-11-24'],
])('%s in %s is of %s, asked for once or again', (iso, zone, date) => {
  expect([dateAt(iso, zone), dateAt(iso, zone)]).toEqual([date, date]);
});
