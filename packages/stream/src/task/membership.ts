import type { Consumer } from 'kafkajs';
import type { KafkaConnection } from '../api.ts';
import { createAssignor } from '../assignor.ts';
import { createClient, messageOf } from '../client/index.ts';
import type { Logger } from '../logger.ts';

/** One member of the consumer group: joins, keeps up the heartbeat, says which partitions are ours. It fetches nothing. */
export interface Membership {
  /** Joins, and joins again whenever it has to, until stopped. */
  start(): void;
  /** Resolves true with the first heartbeat answered after now; false when `signal` aborts before. */
  nextHeartbeat(signal: AbortSignal): Promise<boolean>;
  /** When the group last confirmed this member, in ms of `clock`; -Infinity for never. */
  confirmedAt(): number;
  /** Commits without a transaction. For controls of fault tests only. */
  commitWithoutTransaction(partition: number, offsets: ReadonlyMap<string, bigint>): Promise<void>;
  /** Leaves the group. */
  stop(): Promise<void>;
}

export interface MembershipOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly logger: Logger;
  readonly clock: () => number;
  readonly owned: () => readonly number[];
  /**
   * The group gave us these partitions. `continuous`: we were a member of every generation since the last call, so nobody
   * else can have had a partition that we had then and have now.
   */
  readonly onAssigned: (partitions: readonly number[], continuous: boolean) => void;
}

export const sessionTimeoutMs = 10_000;
const heartbeatMs = 1_000;
const rebalanceTimeoutMs = 15_000;
/** How often the idle loop of kafkajs looks at the clock; nothing is ever fetched by it. */
const pollMs = 250;
const rejoinMs = 500;
/** A broker that doesn't answer must not keep the process from ending: the session time-out does the rest. */
const stopLimitMs = 5_000;

export function createMembership(options: MembershipOptions): Membership {
  const { connection, groupId, topics, logger, clock, owned, onAssigned } = options;
  const waiting = new Set<() => void>();
  let consumer: Consumer | undefined;
  const stopping = Promise.withResolvers<undefined>();
  let stopped = false;
  let running: Promise<void> | undefined;
  let confirmedAt = -Infinity;
  let memberId = '';
  let joins = 0;

  const confirm = (): void => {
    confirmedAt = clock();
    for (const wake of waiting) wake();
    waiting.clear();
  };

  async function join(): Promise<void> {
    const joining = createClient(connection, logger).consumer({
      groupId,
      partitionAssigners: [createAssignor({ owned, onJoin: () => void joins++ })],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: pollMs,
      allowAutoTopicCreation: false,
      // Restarts are ours: kafkajs gives up for good after some errors.
      retry: { restartOnFailure: async () => false },
    });
    consumer = joining;
    const crashed = new Promise<Error>(resolve =>
      joining.on(joining.events.CRASH, ({ payload }) => resolve(payload.error)),
    );
    joining.on(joining.events.HEARTBEAT, confirm);
    joining.on(joining.events.GROUP_JOIN, ({ payload }) => {
      // Everything stays paused: kafkajs keeps the membership alive, the tasks fetch for themselves.
      joining.pause(topics.map(topic => ({ topic })));
      const continuous = payload.memberId === memberId && joins === 1;
      memberId = payload.memberId;
      joins = 0;
      confirm();
      const lists = topics.map(topic => payload.memberAssignment[topic] ?? []);
      if (!stopped)
        onAssigned(
          lists.reduce((a, b) => a.filter(each => b.includes(each))),
          continuous,
        );
    });
    try {
      await joining.connect();
      await joining.subscribe({ topics: [...topics], fromBeginning: true });
      if (!stopped) await joining.run({ autoCommit: false, eachBatch: async () => undefined });
      const error = await Promise.race([crashed, stopping.promise]);
      if (error !== undefined) throw error;
    } finally {
      memberId = '';
      await joining.disconnect().catch(() => undefined);
    }
  }

  async function keepJoined(): Promise<void> {
    while (!stopped) {
      await join().catch((error: unknown) => {
        if (!stopped) logger.warn({ groupId, error: messageOf(error) }, 'lost the group, joining again');
      });
      if (!stopped) await new Promise(resolve => setTimeout(resolve, rejoinMs));
    }
  }

  return {
    start: () => void (running ??= keepJoined()),
    nextHeartbeat: signal =>
      new Promise(resolve => {
        if (signal.aborted) return resolve(false);
        const lost = (): void => {
          waiting.delete(confirmed);
          resolve(false);
        };
        const confirmed = (): void => {
          signal.removeEventListener('abort', lost);
          resolve(true);
        };
        signal.addEventListener('abort', lost, { once: true });
        waiting.add(confirmed);
      }),
    confirmedAt: () => confirmedAt,
    async commitWithoutTransaction(partition, offsets) {
      await consumer?.commitOffsets(
        [...offsets].map(([topic, offset]) => ({ topic, partition, offset: String(offset) })),
      );
    },
    async stop() {
      stopped = true;
      stopping.resolve(undefined);
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>(resolve => (timer = setTimeout(resolve, stopLimitMs)));
      await Promise.race([running, limit]);
      clearTimeout(timer);
    },
  };
}
