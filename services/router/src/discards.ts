import { topics } from '@keelson/contracts';
import type { Control, Parked } from '@keelson/contracts';
import type { StateStore, StoreDefinition, TaskContext } from '@keelson/stream';
import type { Lanes } from './parked-lanes.ts';

export const standingStore = {
  topic: topics.standing('router'),
  record: 'keelson.internal.Control',
} as const satisfies StoreDefinition;

/** One room's discards that outlast their batch: in standing.router, so that no restart forgets them. */
export interface Discards {
  /** Remembers one of as many entries as there may be. What comes from now on is not meant. */
  add(control: Control, nowMicros: number): void;
  /** Each that is not through, oldest id first; `issued_at` is when it was heard. */
  all(): (readonly [key: string, control: Control])[];
  done(key: string): void;
}

export function createDiscards(store: StateStore<Control>, room: 'resolve' | 'route'): Discards {
  return {
    add(control, nowMicros) {
      const key = `${room}/${control.command_id}`;
      // A sender may write its command twice: the second must not mean what came in between.
      if (store.get(key) === undefined) store.put(key, { ...control, issued_at: nowMicros });
    },
    all: () => [...store.entries(`${room}/`)],
    done: key => store.delete(key),
  };
}

/** The exceptions that a discard still means: as many as this turn may close. */
export function meant(
  lanes: Lanes,
  { lane, issued_at }: Control,
  limit: number,
): (readonly [key: string, entry: Parked])[] {
  const found: (readonly [key: string, entry: Parked])[] = [];
  for (const each of lanes.all(lane)) {
    if (found.length >= limit) break;
    if (each[1].parked_at <= issued_at) found.push(each);
  }
  return found;
}

/** Who closed what, and why: beside the receipt, which has no reason. */
export const auditDiscard = (task: TaskContext, control: Control, object: string, position: string): void =>
  task.send({
    topic: topics.audit,
    key: control.actor,
    record: 'keelson.internal.AuditEntry',
    value: {
      actor: control.actor,
      action: control.command,
      object,
      reason: control.reason,
      details: { command_id: control.command_id, position },
      at: control.issued_at,
    },
  });
