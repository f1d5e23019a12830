import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { KeelsonError, events, parsePolicy } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import { chartOf } from './chart.ts';
import { rules } from './rules.ts';

const folder = join(import.meta.dirname, '../../../../infra/policy');

/** Some value for whatever the policy takes from the environment. */
const environment = new Proxy<Record<string, string>>(
  {},
  {
    get: (_target, name) =>
      name === 'KEELSON_ENVIRONMENT' ? 'test' : String(name).endsWith('_URL') ? 'http://localhost' : 'some',
  },
);

function shippedPolicy(): Policy {
  const files = readdirSync(folder).filter(file => file.endsWith('.yaml'));
  const texts = Object.fromEntries(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]));
  const { policy, faults } = parsePolicy(texts, environment);
  if (policy === null) throw new Error(JSON.stringify(faults));
  return policy;
}

const { routes, accounts } = shippedPolicy();

describe('the table of rules', () => {
  test('has a row for every event, and none for anything else', () => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(events).sort());
  });

  test.each(Object.entries(rules))('%s is what the routes say', (type, rule) => {
    const said = 'postsNothing' in rule ? { filter: rule.postsNothing } : { rule: rule.rule };
    expect(routes[type]?.['finance']).toMatchObject(said);
  });

  test('uses each rule name once', () => {
    const names = Object.values(rules).flatMap(rule => ('rule' in rule ? [rule.rule] : []));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the chart of accounts', () => {
  test('of the policy gives every role an account', () => {
    expect(chartOf(accounts).accountOf.receivable).toBe('1200');
  });

  test('with faults says all of them', () => {
    const { fx, ...roles } = accounts.roles;
    const wrong = { ...accounts, roles: { ...roles, receivable: '9999', typo: fx ?? '' } };
    expect(() => chartOf(wrong)).toThrow(KeelsonError);
    expect(() => chartOf(wrong)).toThrow(/9999 of receivable.*role fx.*typo is no role/);
  });
});
