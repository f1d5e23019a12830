import { topics } from '@keelson/contracts';
import type { Parked } from '@keelson/contracts';
import { readTopic } from '@keelson/stream';
import type { Command } from 'commander';
import { codecOf, kafkaOf } from '../connection.ts';
import type { ClusterFlags, SchemaFlags } from '../connection.ts';
import { withCluster, withExamples, withJson, withSchemas } from '../flags.ts';
import { print, table } from '../output.ts';
import type { OutputFlags } from '../output.ts';

type Flags = ClusterFlags & SchemaFlags & OutputFlags;

/** `parked list`: what stands open, and why. */
export function addParkedCommands(program: Command): void {
  const parked = program.command('parked').description('open exceptions, and work that waits its turn');
  const list = parked
    .command('list <target>')
    .description('what stands open at one target of targets.yaml, or at the router');
  withExamples(
    withJson(withSchemas(withCluster(list))),
    ['parked list odoo', 'what Odoo refused, what waits behind it, what waits its turn'],
    ['parked list router', 'deliveries and facts that the router cannot handle'],
    ['parked list odoo --json | jq length', 'how many'],
  ).action(async (target: string, flags: Flags) => {
    const entries = await readParked(target, flags);
    print(flags, entries, () =>
      entries.length === 0
        ? ['nothing is parked']
        : table(
            ['entry', 'kind', 'lane', 'code', 'since', 'reason'],
            entries.map(({ key, kind, lane, code, since, reason }) => [
              key,
              kind,
              lane ?? '-',
              code,
              since,
              reason,
            ]),
          ),
    );
  });
}

async function readParked(target: string, flags: Flags) {
  const open = new Map<string, Parked>();
  for await (const { key, value } of readTopic(topics.parked(target), {
    kafka: kafkaOf(flags),
    codec: codecOf(flags),
    unknownSchema: 'throw',
  })) {
    if (value === null) open.delete(key);
    else open.set(key, value as Parked);
  }
  return [...open]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => ({
      key,
      kind: entry.kind,
      lane: entry.lane,
      code: entry.error_code,
      reason: entry.reason,
      since: new Date(entry.parked_at / 1000).toISOString(),
      attempts: entry.attempts,
      position: entry.position,
    }));
}
