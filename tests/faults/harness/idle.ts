import type { Admin, TaskDefinition } from '@keelson/stream';
import { waitFor } from '@keelson/testkit';

/** A group and what it reads. */
export type Room = Pick<TaskDefinition, 'service' | 'room' | 'inputs'>;

/** How many records the group has not committed yet. */
export async function lagOf(admin: Admin, { service, room, inputs }: Room): Promise<bigint> {
  const committed = await admin.groupOffsets(`${service}-${room}`, inputs);
  let lag = 0n;
  for (const topic of inputs)
    for (const { partition, earliest, end } of await admin.topicOffsets(topic))
      lag += end - (committed.get(topic)?.get(partition) ?? earliest);
  return lag;
}

/** Waits until all rooms have done everything. Give them in the order in which work goes through them. */
export async function untilIdle(admin: Admin, rooms: readonly Room[], timeoutMs = 180_000): Promise<void> {
  const busy = async (): Promise<string[]> => {
    const lags: string[] = [];
    for (const room of rooms) {
      const lag = await lagOf(admin, room);
      if (lag > 0n) lags.push(`${room.room}: ${lag}`);
    }
    return lags;
  };
  await waitFor('no lag', busy, { timeoutMs, everyMs: 250, until: lags => lags.length === 0 });
}
