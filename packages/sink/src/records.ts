import { headers as headerNames, microsOfMs } from '@keelson/contracts';
import type { AuditEntry, Control, Parked, ParkedKind, Receipt } from '@keelson/contracts';
import type { Work } from './port.ts';
import type { Origin } from './unit.ts';

/** How a work ended; what is left out does not apply. */
export interface Conclusion {
  readonly outcome: 'applied' | 'already' | 'superseded' | 'filtered' | 'discarded';
  readonly effectId?: string;
  readonly targetRef?: string;
  readonly values?: Readonly<Record<string, string>>;
  /** filtered: which rule says so; else the route's rule stands. */
  readonly rule?: string;
  readonly by?: string;
  readonly errorCode?: string;
  readonly attempts: number;
  readonly durationMs: number;
}

export function receiptOf(target: string, work: Work, conclusion: Conclusion, nowMs: number): Receipt {
  return {
    event_id: work.head.event_id,
    source: work.source,
    received_at: work.head.received_at,
    position: work.position,
    target,
    effect_id: conclusion.effectId ?? null,
    outcome: conclusion.outcome,
    type: work.head.type,
    facts: null,
    works: [],
    filtered: {},
    target_ref: conclusion.targetRef ?? null,
    values: conclusion.values ?? {},
    attempts: conclusion.attempts,
    duration_ms: Math.round(conclusion.durationMs),
    rule: conclusion.rule ?? work.rule,
    by: conclusion.by ?? null,
    replay_id: work.replay_id,
    error_code: conclusion.errorCode ?? null,
    concluded_at: microsOfMs(nowMs),
  };
}

/** An operator closed an entry. One that nobody can read is named by where it stood. */
export function discardReceiptOf(target: string, parked: Parked, work: Work | null, nowMs: number): Receipt {
  return {
    event_id: parked.event_id ?? `${parked.topic}/${parked.generation}/${parked.offset}`,
    source: work?.source ?? '',
    received_at: parked.received_at,
    position: parked.position,
    target,
    effect_id: null,
    outcome: 'discarded',
    type: work?.head.type ?? null,
    facts: null,
    works: [],
    filtered: {},
    target_ref: null,
    values: {},
    attempts: parked.attempts,
    duration_ms: 0,
    rule: work?.rule ?? null,
    by: null,
    replay_id: work?.replay_id ?? null,
    error_code: parked.error_code,
    concluded_at: microsOfMs(nowMs),
  };
}

/** Why a work stays open. */
export interface Opening {
  readonly kind: ParkedKind;
  readonly lane: string | null;
  readonly code: string;
  readonly reason: string;
  readonly needs?: readonly string[];
  readonly notBeforeMs?: number;
  readonly attempts: number;
}

export function parkedOf(
  target: string,
  origin: Origin,
  work: Work | null,
  opening: Opening,
  parkedAt: number,
): Parked {
  return {
    kind: opening.kind,
    target,
    lane: opening.lane,
    topic: origin.topic,
    generation: origin.generation,
    offset: origin.offset,
    key: origin.key,
    record: origin.record,
    value: origin.bytes,
    headers: origin.headers,
    event_id: work?.head.event_id ?? null,
    position: work?.position ?? '',
    error_code: opening.code,
    reason: opening.reason,
    needs: opening.needs ?? [],
    not_before: opening.notBeforeMs === undefined ? null : microsOfMs(opening.notBeforeMs),
    attempts: opening.attempts,
    released: false,
    received_at: work?.head.received_at ?? microsOfMs(origin.receivedAtMs),
    parked_at: parkedAt,
  };
}

export const auditOf = (control: Control, target: string, parkedKey: string, parked: Parked): AuditEntry => ({
  actor: control.actor,
  action: control.command,
  object: `parked.${target} ${parkedKey}`,
  reason: control.reason,
  details: {
    command_id: control.command_id,
    event_id: parked.event_id ?? '',
    position: parked.position,
    error_code: parked.error_code,
  },
  at: control.issued_at,
});

/** Internal records carry the trace alone. */
export function traceOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const traceparent = headers[headerNames.traceparent];
  return traceparent === undefined ? {} : { [headerNames.traceparent]: traceparent };
}
