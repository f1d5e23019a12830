import type { Control, EventHead, Flows, OdooWork, Receipt } from '@keelson/contracts';
import { uuidV5 } from '@keelson/contracts';
import type { OutputRecord } from '@keelson/stream';

export const testFlows: Flows = {
  urgent: {
    speed: 'urgent',
    objective: { percent: 99.9, within_seconds: 60 },
    retry: { attempts: 3, initial_ms: 1, max_ms: 5 },
  },
  bulk: {
    speed: 'bulk',
    objective: { percent: 99.9, within_seconds: 14_400 },
    retry: { attempts: 3, initial_ms: 1, max_ms: 5 },
  },
  nightly: {
    speed: 'scheduled',
    daily_at: '02:00',
    time_zone: 'Europe/Brussels',
    retry: { attempts: 3, initial_ms: 1, max_ms: 5 },
  },
};

export interface TestWork {
  readonly customer: string;
  /** Unique; also its event id's seed. */
  readonly id: string;
  /** `state` carries the customer's state, `fact` is a barrier. */
  readonly kind: 'state' | 'fact';
  readonly version?: number;
  readonly class?: string;
  readonly mode?: 'live' | 'shadow';
  readonly livemode?: boolean;
  readonly receivedAtMs?: number;
  readonly replayId?: string;
}

export const eventIdOf = (id: string): string => uuidV5('test', id);

export function headOf(work: TestWork): EventHead {
  return {
    event_id: eventIdOf(work.id),
    type: work.kind === 'state' ? 'customer.upserted' : 'billing.invoice_finalized',
    legal_entity: 'main',
    customer_id: work.customer,
    contract_id: null,
    occurred_at: 1_700_000_000_000_000,
    received_at: (work.receivedAtMs ?? 1_700_000_000_000) * 1000,
    accounting_date: 19_000,
    fact_id: null,
    revision: 0,
    corrects: null,
    retracts: null,
    source_refs: [],
    subject_version: work.version ?? 1,
    schema_version: 1,
    livemode: work.livemode ?? false,
  };
}

export const odooWorkOf = (work: TestWork): OdooWork => ({
  head: headOf(work),
  position: `ingress.stripe/0/${work.id}`,
  source: 'stripe',
  rule: 'test',
  class: work.class ?? 'urgent',
  mode: work.mode ?? 'live',
  body: null,
  customer: null,
  contracts: [],
  replay_id: work.replayId ?? null,
});

export const controlOf = (control: Partial<Control> & Pick<Control, 'command'>): Control => ({
  command_id: uuidV5('command', JSON.stringify(control)),
  target: 'test',
  lane: null,
  entry: null,
  customer_id: null,
  actor: 'ada',
  reason: 'mended',
  issued_at: 1_700_000_000_000_000,
  ...control,
});

export const receiptsOf = (sent: readonly OutputRecord[]): Receipt[] =>
  sent.flatMap(output =>
    output.record === 'keelson.internal.Receipt' && output.value !== null ? [output.value] : [],
  );
