import { randomUUID } from 'node:crypto';
import { topics } from '@keelson/contracts';
import type { AuditEntry, Command, Control } from '@keelson/contracts';
import { createPublisher, partitionOf, silentLogger } from '@keelson/stream';
import type { OutputRecord } from '@keelson/stream';
import { codecOf, installation, kafkaOf, UsageError, withAdmin } from '../connection.ts';
import type { ClusterFlags, PolicyFlags, SchemaFlags } from '../connection.ts';
import type { OutputFlags } from '../output.ts';

export type OrderFlags = ClusterFlags &
  SchemaFlags &
  PolicyFlags &
  OutputFlags & { readonly actor: string; readonly reason: string };

/** What an operator wants of a target of targets.yaml, or of the router. Without a lane it is for all of it. */
export interface Order {
  readonly command: Command;
  readonly target: string;
  /** A customer's id, or an alias. */
  readonly lane?: string;
  readonly entry?: string;
  /** link: whose the alias is. */
  readonly customer?: string;
}

/** As long as a person waits without wondering. */
const deadlineMs = 15_000;

/** How many partitions the two topics have that a command is written to. */
interface PartitionCounts {
  readonly control: number;
  readonly audit: number;
}

/**
 * Sends a command and returns it as it was sent. Throws UsageError on a target that is none, `Unavailable` when Kafka does
 * not acknowledge: then it may have been taken, and may be sent again.
 */
export async function sendOrder(order: Order, flags: OrderFlags): Promise<Control> {
  checkTarget(order, flags);
  const codec = codecOf(flags);
  const control = controlOf(order, flags);
  const counts = await withAdmin(flags, async admin => ({
    control: (await admin.topicOffsets(controlTopic(order.target))).length,
    audit: (await admin.topicOffsets(topics.audit)).length,
  }));
  await issue(control, counts, async (partitionCount, outputs) => {
    const kafka = kafkaOf(flags);
    const publisher = createPublisher({ kafka, codec, partitionCount, logger: silentLogger, deadlineMs });
    try {
      await publisher.publish(outputs);
    } finally {
      await publisher.stop();
    }
  });
  return control;
}

const controlTopic = (target: string): string =>
  topics.control(target === 'router' ? 'router' : `${target}-sink`);

/**
 * First the audit, then the command: none is carried out that nobody can find. One for a lane goes to the lane's
 * partition, one for all once into every partition.
 */
export async function issue(
  control: Control,
  counts: PartitionCounts,
  publish: (partitionCount: number, outputs: readonly OutputRecord[]) => Promise<void>,
): Promise<void> {
  await publish(counts.audit, [
    {
      topic: topics.audit,
      key: control.actor,
      record: 'keelson.internal.AuditEntry',
      value: auditOf(control),
    },
  ]);
  const { lane, target } = control;
  const partitions = lane === null ? [...Array(counts.control).keys()] : [partitionOf(lane, counts.control)];
  await publish(
    counts.control,
    partitions.map(partition => ({
      topic: controlTopic(target),
      key: lane ?? 'all',
      record: 'keelson.internal.Control',
      value: control,
      partition,
    })),
  );
}

function checkTarget({ command, target }: Order, flags: OrderFlags): void {
  const names = installation(flags).topology.targets.map(({ name }) => name);
  if (target === 'router' && (command === 'pause' || command === 'resume'))
    throw new UsageError(`the router has no target that could need a rest; sinks have: ${names.join(', ')}`);
  if (target !== 'router' && !names.includes(target))
    throw new UsageError(`${target} is no target of targets.yaml; there are ${names.join(', ')} and router`);
}

const controlOf = (
  { command, target, lane, entry, customer }: Order,
  { actor, reason }: OrderFlags,
): Control => ({
  command_id: randomUUID(),
  command,
  target,
  lane: lane ?? null,
  entry: entry ?? null,
  customer_id: customer ?? null,
  actor,
  reason,
  issued_at: Date.now() * 1000,
});

/** Who asked for what, and why; what became of it stands in receipts, and in entries of the services. */
const auditOf = ({ actor, command, target, reason, issued_at, ...rest }: Control): AuditEntry => ({
  actor,
  action: command,
  object: target,
  reason,
  details: Object.fromEntries(
    Object.entries(rest).filter((each): each is [string, string] => each[1] !== null),
  ),
  at: issued_at,
});
