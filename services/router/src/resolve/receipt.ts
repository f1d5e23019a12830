import type { Outcome, Receipt } from '@keelson/contracts';
import { topics } from '@keelson/contracts';
import type { Delivery } from './delivery.ts';
import type { Turn } from './partition.ts';

interface Said {
  readonly outcome: Outcome;
  readonly facts?: number;
  readonly rule?: string;
  readonly errorCode?: string;
  /** The receipt's key where the customer is known; else the alias. */
  readonly customerId?: string;
}

type Subject = Pick<Delivery, 'position' | 'travelling' | 'timestampMs'> & {
  readonly key: string;
  readonly source: string;
  readonly deliveryId: string | null;
  readonly receivedAt: number;
};

export const subjectOf = ({ ingress, alias, position, travelling, timestampMs }: Delivery): Subject => ({
  key: alias.text,
  source: ingress.source,
  deliveryId: ingress.delivery_id,
  receivedAt: ingress.received_at,
  position,
  travelling,
  timestampMs,
});

/** The one receipt of a position in this room. Its event is the sender's own, or the position where it has no id. */
export function sendReceipt(subject: Subject, said: Said, { task, nowMicros }: Turn): void {
  const value: Receipt = {
    event_id: subject.deliveryId ?? subject.position,
    source: subject.source,
    received_at: subject.receivedAt,
    position: subject.position,
    target: 'resolve',
    effect_id: null,
    outcome: said.outcome,
    type: null,
    facts: said.facts ?? null,
    works: [],
    filtered: {},
    target_ref: null,
    values: {},
    attempts: 1,
    duration_ms: 0,
    rule: said.rule ?? null,
    by: null,
    replay_id: null,
    error_code: said.errorCode ?? null,
    concluded_at: nowMicros,
  };
  task.send({
    topic: topics.receipts,
    key: said.customerId ?? subject.key,
    record: 'keelson.internal.Receipt',
    value,
    timestampMs: subject.timestampMs,
    headers: subject.travelling,
  });
}
