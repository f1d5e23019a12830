import { randomUUID } from 'node:crypto';
import { topics } from '@keelson/contracts';
import type { Command as ControlCommand, Control, Parked } from '@keelson/contracts';
import { createPublisher, partitionOf, readTopic, silentLogger } from '@keelson/stream';
import type { Command } from 'commander';
import { codecOf, installation, kafkaOf, UsageError } from '../connection.ts';
import type { ClusterFlags, PolicyFlags, SchemaFlags } from '../connection.ts';
import { withCluster, withJson, withPolicy, withSchemas } from '../flags.ts';
import { print, table } from '../output.ts';
import type { OutputFlags } from '../output.ts';

type Flags = ClusterFlags & SchemaFlags & OutputFlags;
type SendFlags = Flags &
  PolicyFlags & {
    readonly lane?: string;
    readonly entry?: string;
    readonly actor: string;
    readonly reason: string;
    readonly all?: boolean;
  };

/** `parked list`, `release` and `discard`: what stands open, and how it goes on. */
export function addParkedCommands(program: Command): void {
  const parked = program.command('parked').description('open exceptions, and work that waits its turn');
  withJson(
    withSchemas(
      withCluster(
        parked.command('list <target>').description('what stands open at one target, or at the router'),
      ),
    ),
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
  for (const [name, description] of [
    ['release', 'let a lane go on, in order: the parked work is tried again'],
    ['discard', 'close an entry without its effect; it gets the receipt `discarded` and stands in the audit'],
    ['pause', 'stop a sink; nothing is lost'],
    ['resume', 'let a paused sink go on'],
  ] as const) {
    withJson(
      withPolicy(withSchemas(withCluster(program.command(`${name} <target>`).description(description)))),
    )
      .option('--lane <lane>', 'the lane: a customer’s id, or an alias')
      .option('--entry <key>', 'one entry, by its key')
      .option('--all', 'every lane')
      .requiredOption('--actor <who>', 'who says so; stands in the audit')
      .requiredOption('--reason <text>', 'why; stands in the audit')
      .action(async (target: string, flags: SendFlags) => {
        const control = await sendControl(name, target, flags);
        print(flags, control, () => [`${name} was sent to ${target} as command ${control.command_id}`]);
      });
  }
}

async function readParked(target: string, flags: Flags) {
  const open = new Map<string, Parked>();
  for await (const { key, value } of readTopic(topics.parked(target), {
    kafka: kafkaOf(flags),
    codec: codecOf(flags),
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

/** A command for one lane goes to the lane's partition, one for all once into every partition. */
async function sendControl(command: ControlCommand, target: string, flags: SendFlags): Promise<Control> {
  const wide = flags.all === true || command === 'pause' || command === 'resume';
  if (!wide && flags.lane === undefined && flags.entry === undefined)
    throw new UsageError('say which: --lane, --entry or --all');
  const { topics: declared, topology } = installation(flags);
  if (target !== 'router' && !topology.targets.some(({ name }) => name === target))
    throw new UsageError(`${target} is no target of targets.yaml`);
  const topic = topics.control(target === 'router' ? 'router' : `${target}-sink`);
  const partitionCount = declared.find(({ name }) => name === topic)?.partitions ?? 1;
  const lane = flags.lane ?? flags.entry?.split('/')[0] ?? null;
  const control: Control = {
    command_id: randomUUID(),
    command,
    target,
    lane: wide ? null : lane,
    entry: flags.entry ?? null,
    customer_id: null,
    actor: flags.actor,
    reason: flags.reason,
    issued_at: Date.now() * 1000,
  };
  const publisher = createPublisher({
    kafka: kafkaOf(flags),
    codec: codecOf(flags),
    partitionCount,
    logger: silentLogger,
  });
  try {
    const partitions =
      wide || lane === null ? [...Array(partitionCount).keys()] : [partitionOf(lane, partitionCount)];
    await publisher.publish(
      partitions.map(partition => ({
        topic,
        key: lane ?? 'all',
        record: 'keelson.internal.Control' as const,
        value: control,
        partition,
      })),
    );
  } finally {
    await publisher.stop();
  }
  return control;
}
