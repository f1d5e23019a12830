import type { FaultPoint, KafkaConnection } from '../api.ts';
import type { Codec } from '../codec/index.ts';
import type { Logger } from '../logger.ts';

/**
 * Each of these turns a defence off, so that a test can see it fail. Never set one anywhere else.
 * They exist because a guarantee that no test can break is not known to be kept by the thing that claims to keep it.
 */
export interface UnsafeSwitches {
  /** Send, then commit offsets, without a transaction: a crash between the two doubles records. */
  readonly withoutTransactions?: boolean;
  /** After any doubt send the same batch again with a new producer, without looking at what was committed. */
  readonly withoutReread?: boolean;
  /** Work on, and take over again when fenced, without the group having confirmed that the partition is still ours. */
  readonly withoutHeartbeatRule?: boolean;
}

export interface TaskOptions {
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  /** Where local stores are kept; a cache. */
  readonly stateDirectory: string;
  /** The installation's one partition count. */
  readonly partitionCount: number;
  readonly logger: Logger;
  /** Generation of a topic as topics.yaml has it; default 1. A store of another generation is wiped. */
  readonly generationOf?: (topic: string) => number;
  /** Wall clock in ms. */
  readonly now?: () => number;
  /** A handler that takes longer than this hangs; default 5 minutes. */
  readonly hangAfterMs?: number;
  /** Called when a task hangs. Default: the process exits with code 70, so that somebody else gets the partition. */
  readonly onHang?: (partition: number) => void;
  /** How much a task fetches ahead, in bytes per input; default 4 MiB. */
  readonly inboxBytes?: number;
  readonly faultPoint?: (point: FaultPoint) => void;
  readonly unsafe?: UnsafeSwitches;
}

export type TaskPhase = 'taking_over' | 'running' | 'in_doubt' | 'ended';

export interface TaskStatus {
  readonly partition: number;
  readonly phase: TaskPhase;
  /** Why it is not running, or what went wrong last. */
  readonly problem: string | undefined;
  readonly inputs: readonly {
    readonly topic: string;
    readonly position: bigint;
    readonly lagRecords: number;
    readonly lagSeconds: number;
  }[];
}

export interface RoomStatus {
  readonly room: string;
  readonly groupId: string;
  /** How long ago the group last confirmed this member; Infinity for never. */
  readonly confirmedForMs: number;
  readonly tasks: readonly TaskStatus[];
  readonly transactions: number;
  readonly doubts: number;
  readonly fences: number;
}

export interface RunningTasks {
  /** Resolves when the group has given this member its partitions and all of them run. Rejects when misconfigured. */
  readonly ready: Promise<void>;
  status(): RoomStatus;
  /** Finishes what is in hand, leaves the group, closes the stores. May be called at any time, and twice. */
  stop(): Promise<void>;
}
