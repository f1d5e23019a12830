import type { Fact, Outcome, Receipt } from '@keelson/contracts';

interface Said {
  readonly outcome: Outcome;
  readonly event_id?: string;
  readonly target?: string;
  readonly type?: string;
  readonly rule?: string | null;
  /** 0: nothing was tried, because there is no work. */
  readonly attempts?: number;
  readonly works?: readonly string[];
  readonly filtered?: Readonly<Record<string, string>>;
  readonly error_code?: string;
}

/** What a receipt says of its fact. */
export type ReceiptSubject = Pick<Fact, 'event_id' | 'source' | 'position' | 'received_at'> & {
  readonly type: string | null;
};

/** How one fact ended in this room, or one of its events for a target that gets no work. */
export const routeReceipt = (
  fact: ReceiptSubject,
  { nowMicros, replayId }: { readonly nowMicros: number; readonly replayId: string | null },
  said: Said,
): Receipt => ({
  event_id: said.event_id ?? fact.event_id,
  source: fact.source,
  received_at: fact.received_at,
  position: fact.position,
  target: said.target ?? 'route',
  effect_id: null,
  outcome: said.outcome,
  type: said.type ?? fact.type,
  facts: null,
  works: said.works ?? [],
  filtered: said.filtered ?? {},
  target_ref: null,
  values: {},
  attempts: said.attempts ?? 1,
  duration_ms: 0,
  rule: said.rule ?? null,
  by: null,
  replay_id: replayId,
  error_code: said.error_code ?? null,
  concluded_at: nowMicros,
});
