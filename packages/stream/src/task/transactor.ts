import { createTransactor, type Transactor } from '../transaction.ts';
import type { RoomContext } from './room-context.ts';
import { createPlainTransactor } from './unsafe.ts';

/** The producer of one room's partition: the id is what makes a second owner shut out the first. */
export function openTransactor(room: RoomContext, partition: number): Transactor {
  const { options, groupId, logger } = room;
  if (options.unsafe?.withoutTransactions === true) return createPlainTransactor(room);
  const { kafka: connection, faultPoint } = options;
  return createTransactor({
    connection,
    transactionalId: `${groupId}-${partition}`,
    logger,
    ...(faultPoint && { faultPoint }),
  });
}
