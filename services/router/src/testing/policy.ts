import { readFileSync, readdirSync } from 'node:fs';
import { events, parsePolicy, topics } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';

const directory = new URL('../../../../infra/policy/', import.meta.url);

/** The repository's own policy, for account acct_1. */
export function testPolicy(environment: Record<string, string> = {}): Policy {
  const files = readdirSync(directory).filter(name => name.endsWith('.yaml'));
  const texts = Object.fromEntries(files.map(name => [name, readFileSync(new URL(name, directory), 'utf8')]));
  const names = [
    ...Object.values(texts)
      .join('\n')
      .matchAll(/\$\{([A-Z0-9_]+)\}/g),
  ].map(([, name]) => name ?? '');
  const defaults = Object.fromEntries(
    names.map(name => [name, name.endsWith('_URL') ? 'http://127.0.0.1:1' : 'file']),
  );
  const { policy, faults } = parsePolicy(texts, {
    ...defaults,
    KEELSON_STRIPE_ACCOUNT: 'acct_1',
    KEELSON_ENVIRONMENT: 'test',
    ...environment,
  });
  if (policy === null) throw new Error(faults.map(({ file, message }) => `${file}: ${message}`).join('\n'));
  return policy;
}

/** Every topic that the router reads or writes. */
export const routerTopics = (policy: Policy): string[] => [
  ...Object.keys(policy.sources).flatMap(source => [topics.ingress(source), topics.fetch(source)]),
  ...Object.keys(policy.targets).flatMap(target => [topics.sink(target), topics.sinkBulk(target)]),
  ...new Set(Object.values(events).map(({ topic }) => topic)),
  topics.claims,
  topics.links,
  topics.waiting,
  topics.seen,
  topics.resolved,
  topics.replay('router'),
  topics.documents,
  topics.customerState,
  topics.contractState,
  topics.parked('router'),
  topics.receipts,
  topics.rejected,
  topics.control('router'),
  topics.standing('router'),
  topics.audit,
];
