/** What a room of packages/stream says of itself, as far as readiness asks. */
export interface RoomReadiness {
  readonly room: string;
  /** How long ago the group last confirmed this member, in ms; Infinity for never. */
  readonly confirmedForMs: number;
  readonly tasks: readonly {
    readonly partition: number;
    readonly phase: string;
    readonly problem: string | undefined;
  }[];
}

/** The session time-out: a member that was silent for so long has lost its partitions. */
const lostAfterMs = 10_000;

/** Why a room does no work now: it is in no group (Kafka is away, or it has just begun), or a partition does not run or waits. */
export function taskReasons({ room, confirmedForMs, tasks }: RoomReadiness): string[] {
  if (confirmedForMs > lostAfterMs) return [`${room}: the group does not confirm this member`];
  return tasks
    .filter(({ phase, problem }) => phase !== 'running' || problem !== undefined)
    .map(({ partition, phase, problem }) => `${room} ${partition}: ${problem ?? phase}`);
}
