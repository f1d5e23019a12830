import { readConservation } from '@keelson/cli';
import type { Sums } from '@keelson/cli';
import {
  createWorld,
  expectationsOf,
  odooResult,
  readAllDeskUsers,
  readAllMoves,
  readAllPartners,
} from '@keelson/sandbox';
import type { Expectations } from '@keelson/sandbox';
import type { Topology } from '@keelson/contracts';
import type { Codec } from '@keelson/stream';
import { createHash } from 'node:crypto';
import { differencesOf } from './compare.ts';
import type { Difference, Found } from './compare.ts';
import { stripeAccount } from './environment.ts';
import { readLedger } from './ledger.ts';
import type { LedgerSnapshot } from './ledger.ts';
import { readSecretFile } from './secrets.ts';
import type { Site } from './site.ts';

export const expectationsFor = (seed: number, events: number): Expectations =>
  expectationsOf(createWorld({ seed, events, account: stripeAccount }));

/** What ledger, Odoo and desk hold now. */
export interface TargetState {
  readonly ledger: LedgerSnapshot;
  readonly found: Found;
}

export async function readTargets({ endpoints, ledgerOwnerUrl }: Site): Promise<TargetState> {
  const odoo = {
    url: endpoints.odoo.url,
    database: endpoints.odoo.database,
    apiKey: await readSecretFile(endpoints.odoo.apiKeyFile),
  };
  const desk = {
    url: endpoints.desk.url,
    apiToken: await readSecretFile(endpoints.desk.apiTokenFile),
  };
  const [ledger, partners, countries, moves, deskUsers] = await Promise.all([
    readLedger(ledgerOwnerUrl),
    readAllPartners(odoo),
    odooResult(odoo, 'res.country', 'search_read', { domain: [], fields: ['code'] }),
    readAllMoves(odoo),
    readAllDeskUsers(desk),
  ]);
  const countryCodes = new Map(
    (countries as { id: number; code: string }[]).map(({ id, code }) => [id, code]),
  );
  return { ledger, found: { balances: ledger.balances, partners, countryCodes, moves, deskUsers } };
}

/** One number for everything that the targets hold; equal when nothing changed. */
export function fingerprint({ ledger, found }: TargetState): string {
  const sorted = (rows: readonly object[]): string[] =>
    rows
      .map(row =>
        JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
      )
      .sort();
  const all = [
    ledger.entries,
    sorted(found.balances),
    sorted(found.partners),
    sorted(found.moves),
    sorted(found.deskUsers),
  ];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

export interface Verdict {
  readonly sums: Sums;
  readonly differences: readonly Difference[];
  readonly ledger: LedgerSnapshot;
  /** Whether everything is as it must be. */
  readonly passed: boolean;
}

/** The final check: conservation read anew from the topics, the ledger's own balance, and the targets against the company. */
export async function check(
  site: Site,
  codec: Codec,
  topology: Topology,
  expected: Expectations,
): Promise<Verdict> {
  const [tally, targets] = await Promise.all([
    readConservation(site.kafka, codec, topology),
    readTargets(site),
  ]);
  const sums = tally.sums();
  const differences = differencesOf(expected, targets.found);
  const { ledger } = targets;
  const conserved = [sums.deliveries, sums.facts, ...Object.values(sums.works)].every(
    ({ inFlight }) => inFlight === 0,
  );
  return { sums, differences, ledger, passed: conserved && ledger.balanced && differences.length === 0 };
}
