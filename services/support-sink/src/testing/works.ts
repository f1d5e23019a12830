import type { SupportWork } from '@keelson/contracts';
import { customerIdOf, uuidV5 } from '@keelson/contracts';

export interface SupportWorkOptions {
  readonly customer: number;
  readonly version: number;
  readonly customerId?: string;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly state?: Partial<NonNullable<SupportWork['customer']>>;
  readonly contracts?: readonly Partial<SupportWork['contracts'][number]>[];
  readonly receivedAt?: number;
}

const november = Date.parse('2026-11-01T00:00:00Z') * 1000;

/** A customer with one running contract, in its `version`th state. */
export function supportWork(options: SupportWorkOptions): SupportWork {
  const { customer, version, name = `Customer ${customer}`, email = `c${customer}@example.com` } = options;
  const customerId = options.customerId ?? customerIdOf(`stripe:acct_1:cus_${customer}`);
  return {
    head: {
      event_id: uuidV5('test', customerId, String(version)),
      type: 'customer.upserted',
      legal_entity: 'main',
      customer_id: customerId,
      contract_id: null,
      occurred_at: november,
      received_at: options.receivedAt ?? november,
      accounting_date: 20_000,
      fact_id: null,
      revision: 0,
      corrects: null,
      retracts: null,
      source_refs: [
        {
          system: 'stripe',
          account: 'acct_1',
          object_type: 'customer',
          object_id: `cus_${customer}`,
          event_id: `evt_${customer}_${version}`,
          api_version: null,
        },
      ],
      subject_version: version,
      schema_version: 1,
      livemode: false,
    },
    position: `ingress.stripe/0/${version}`,
    source: 'stripe',
    rule: 'customer-context',
    class: 'urgent',
    mode: 'live',
    body: null,
    customer: {
      customer_id: customerId,
      version,
      legal_name: name,
      emails: email === null ? [] : [email],
      country: 'BE',
      language: 'nl',
      delinquent: false,
      disputes_open: 0,
      deleted: false,
      ...options.state,
    },
    contracts: (options.contracts ?? [{}]).map((contract, index) => ({
      contract_id: uuidV5('contract', customerId, String(index)),
      version: 1,
      status: 'active' as const,
      plan: 'Pro',
      started_at: november,
      current_period_end: Date.parse('2026-12-01T00:00:00Z') * 1000,
      trial_end: null,
      cancel_at: null,
      ended_at: null,
      collection_paused: false,
      service_paused: false,
      mrr_band: '100-499',
      entitlements: [],
      past_due_since: null,
      ...contract,
    })),
    replay_id: null,
  };
}
