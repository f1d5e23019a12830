import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { events } from '../generated/events.ts';
import { describeFault, parsePolicy } from './index.ts';

const directory = join(import.meta.dirname, '../../../../infra/policy');
const texts = Object.fromEntries(
  readdirSync(directory)
    .filter(file => file.endsWith('.yaml'))
    .map(file => [file, readFileSync(join(directory, file), 'utf8')]),
);
const names = [
  ...Object.values(texts)
    .join('\n')
    .matchAll(/\$\{([A-Z0-9_]+)\}/g),
].map(match => match[1] ?? '');
const environment = Object.fromEntries(
  names.map(name => [name, name.endsWith('_URL') ? 'http://127.0.0.1:1' : 'x']),
);
environment['KEELSON_ENVIRONMENT'] = 'test';

const faultsOf = (changed: Record<string, string | undefined>): string[] =>
  parsePolicy({ ...texts, ...changed }, environment).faults.map(describeFault);
const changed = (file: string, from: string, to: string): Record<string, string> => {
  const text = texts[file] ?? '';
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return { [file]: text.replace(from, to) };
};

describe('the policy files of the project', () => {
  test('are without fault, and every event has a row', () => {
    const { policy, faults } = parsePolicy(texts, environment);
    expect(faults).toEqual([]);
    expect(Object.keys(policy?.routes ?? {}).sort()).toEqual(Object.keys(events).sort());
  });
});

describe('what is sound of a wrong policy', () => {
  const soundOf = (file: 'sources' | 'targets', ...[from, to]: [string, string]) =>
    parsePolicy({ ...texts, ...changed(`${file}.yaml`, from, to) }, environment).sound[file];

  test('is all but what has a fault, whatever kind of fault that is', () => {
    const whole = soundOf('sources', 'Who', 'Who');
    const { stripe, ...others } = whole ?? {};
    expect(stripe).toMatchObject({ kind: 'stripe', secrets_file: 'x', tolerance_seconds: 300 });
    const sound = (from: string, to: string) => soundOf('sources', from, to);
    for (const value of ['0', '${NOWHERE}'])
      expect(sound('tolerance_seconds: 300', `tolerance_seconds: '${value}'`)).toMatchObject({
        stripe: { secrets_file: 'x', api: { key_file: 'x' } },
        api: { secrets_file: 'x' },
      });
    expect(sound('tolerance_seconds: 300', 'tolerance: 300')?.['stripe']).toMatchObject({
      secrets_file: 'x',
    });
    for (const value of ['5', '${NOWHERE}'])
      expect(
        sound('secrets_file: ${KEELSON_STRIPE_SECRETS_FILE}', `secrets_file: ${value}`)?.['stripe'],
      ).toEqual(expect.not.objectContaining({ secrets_file: expect.anything() }));
    // Of another kind it might name other files.
    expect(sound('kind: stripe', 'kind: strip')).toEqual(
      expect.not.objectContaining({ stripe: expect.anything() }),
    );
    expect(Object.keys(sound('kind: stripe', 'kind: strip') ?? {})).toEqual(Object.keys(others));
  });

  test('is nothing of a file that cannot be read, or is something else', () => {
    expect(soundOf('targets', 'targets:', 'targets: [')).toBeUndefined();
    expect(parsePolicy({ ...texts, 'targets.yaml': 'none' }, environment).sound.targets).toBeUndefined();
    expect(
      parsePolicy({ ...texts, 'targets.yaml': 'targets: 5' }, environment).sound.targets,
    ).toBeUndefined();
    expect(parsePolicy({ ...texts, 'targets.yaml': undefined }, environment).sound.targets).toBeUndefined();
  });
});

describe('a wrong policy', () => {
  test('reports everything at once, with file and line', () => {
    const faults = parsePolicy(
      { ...texts, ...changed('flows.yaml', 'percent: 99.9', 'percent: 200') },
      {},
    ).faults.map(describeFault);
    expect(faults).toContain(
      'targets.yaml:6: targets.odoo.url: the environment variable KEELSON_ODOO_URL is not set',
    );
    expect(faults.some(fault => fault.startsWith('flows.yaml:5: classes.urgent.objective.percent:'))).toBe(
      true,
    );
    expect(faults.length).toBeGreaterThan(8);
  });

  test.each([
    ['an unknown key', changed('entities.yaml', 'time_zone:', 'timezone:'), /entities\.yaml:\d+: .*timezone/],
    [
      'an unknown time zone',
      changed('entities.yaml', 'UTC', 'Mars/Base'),
      /entities\.yaml:5: .*not a time zone/,
    ],
    [
      'a route to no target',
      changed('routes.yaml', 'odoo: { class: urgent', 'oodo: { class: urgent'),
      /oodo is no target/,
    ],
    [
      'an event without a row',
      changed('routes.yaml', 'customer.deleted:', 'customer.removed:'),
      /the event customer\.deleted has no row/,
    ],
    [
      'a row for no event',
      changed('routes.yaml', 'customer.deleted:', 'customer.removed:'),
      /customer\.removed is no event/,
    ],
    [
      'a flow without a class',
      changed('routes.yaml', 'class: bulk', 'class: slow'),
      /slow is no class of flows\.yaml/,
    ],
    [
      'an account of nobody',
      changed('entities.yaml', 'account: partner', 'account: other'),
      /no entity of entities\.yaml owns standard-webhooks:partner/,
    ],
    [
      'a role without an account',
      changed('accounts.yaml', "revenue: '4000'", "revenue: '4999'"),
      /accounts\.yaml:\d+: 4999 is no account/,
    ],
    [
      'a key twice',
      changed('accounts.yaml', 'version: 1', 'version: 1\nversion: 1'),
      /accounts\.yaml:\d+: Map keys must be unique/,
    ],
    ['a missing file', { 'flows.yaml': undefined }, /flows\.yaml:1: the file is missing/],
  ])('%s', (_, change, message) => {
    expect(faultsOf(change)).toContainEqual(expect.stringMatching(message));
  });
});

describe('files that cannot be read', () => {
  const broken = changed('flows.yaml', 'percent: 99.9', 'percent: 200');

  test('hide no fault of the others, and what the others say of each other', () => {
    const faults = faultsOf({
      ...broken,
      ...changed('routes.yaml', 'odoo: { class: urgent', 'oodo: { class: urgent'),
      ...changed('entities.yaml', 'account: partner', 'account: other'),
    });
    expect(faults).toContainEqual(expect.stringMatching(/^flows\.yaml:5: /));
    expect(faults).toContainEqual(expect.stringMatching(/oodo is no target/));
    expect(faults).toContainEqual(expect.stringMatching(/owns standard-webhooks:partner/));
    expect(faults.join('\n')).not.toMatch(/is no class of flows/);
  });

  test('leave the others to be used', () => {
    const { policy, parts } = parsePolicy({ ...texts, ...broken }, environment);
    expect([policy, parts.flows]).toEqual([null, undefined]);
    expect(parts.targets?.['odoo']?.kind).toBe('odoo');
    expect(parts.accounts?.version).toBe(1);
  });

  test.each(Object.keys(texts))('%s missing is one fault, told once', file => {
    expect(faultsOf({ [file]: undefined })).toEqual([`${file}:1: the file is missing`]);
  });
});
