import type { Command } from 'commander';
import { codecOf, count, installation, kafkaOf } from '../connection.ts';
import type { ClusterFlags, PolicyFlags, SchemaFlags } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import { withCluster, withExamples, withJson, withPolicy, withSchemas } from '../flags.ts';
import { print, table } from '../output.ts';
import type { OutputFlags } from '../output.ts';
import { readConservation } from './read.ts';
import type { Sum, Sums } from './tally.ts';

type Flags = ClusterFlags &
  PolicyFlags &
  SchemaFlags &
  OutputFlags & { readonly byHour?: boolean; readonly days: string };

const dayMs = 86_400_000;

/** `conservation`: the three sums, for people and machines. Exit code 1 when a sum does not come out. */
export function addConservationCommand(program: Command): void {
  const command = program
    .command('conservation')
    .description('the three sums over topics alone: deliveries, facts and works, each ended once or open')
    .option('--by-hour', 'one line per source and hour as well')
    .option('--days <count>', 'of deliveries received since; a day less than they are kept', '26');
  withExamples(
    withJson(withPolicy(withSchemas(withCluster(command)))),
    ['conservation', 'is everything accounted for?'],
    ['conservation --by-hour --days 2', 'where, when it does not come out'],
    ['conservation --json | jq .deliveries', 'one sum, for machines'],
  ).action(async (flags: Flags) => {
    const since = (Date.now() - count('--days', flags.days) * dayMs) * 1000;
    const { topology } = installation(flags);
    const tally = await readConservation(kafkaOf(flags), codecOf(flags), topology, since);
    const total = tally.sums();
    const cells = flags.byHour === true ? tally.cells().map(cell => ({ ...cell, ...tally.sums(cell) })) : [];
    print(flags, flags.byHour === true ? { total, cells } : total, () => [
      ...sumLines(total),
      ...cells.flatMap(cell => ['', `${cell.source} ${cell.hour}`, ...sumLines(cell)]),
    ]);
    if (allSums(total).some(([, { inFlight }]) => inFlight < 0)) process.exitCode = exitCodes.differs;
  });
}

export const allSums = (sums: Sums): (readonly [string, Sum])[] => [
  ['deliveries', sums.deliveries],
  ['facts', sums.facts],
  ...Object.entries(sums.works).map(([target, sum]) => [`works of ${target}`, sum] as const),
];

export function sumLines(sums: Sums): string[] {
  const counts = (named: Readonly<Record<string, number>>): string =>
    Object.entries(named)
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(' + ') || '0';
  return table(
    ['sum', 'entered', 'concluded', 'open', 'in flight'],
    allSums(sums).map(([name, { entered, concluded, open, inFlight }]) => [
      name,
      entered,
      counts(concluded),
      counts(open),
      inFlight,
    ]),
  );
}
