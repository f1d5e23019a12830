import { KeelsonError, events, isoDateOf, rejected, sha256, unwrap, uuidV5 } from '@keelson/contracts';
import type { EventType, FinanceWork } from '@keelson/contracts';
import { mustHaveKnownCurrencies } from './amounts.ts';
import type { Chart } from './chart.ts';
import type { DraftLine, Entry, Line, OriginalKey, PostedEntry } from './entry.ts';
import type { Content, Draft, Rule } from './rule.ts';
import { rules } from './rules.ts';

/** A work that may be posted, before the ledger was read. */
export interface Fact {
  readonly kind: 'fact';
  readonly entryId: string;
  readonly contentHash: string;
  /** The entry that must be known before this one can be made; `need` is its name in `not_yet`. */
  readonly original: (OriginalKey & { readonly need: string }) | null;
  readonly work: FinanceWork;
  readonly rule: AnyRule;
  readonly body: object;
}

/** A work that leaves no entry: by a named rule, or because it cannot be posted. */
export type Unposted =
  | { readonly kind: 'nothing'; readonly rule: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** A rule of the table: the table itself ties its body to the event's type. */
type AnyRule = Rule<object>;

/** Finds the rule and checks what every money fact must have. Pure. */
export function read(work: FinanceWork): Fact | Unposted {
  return orRefused(() => {
    const { head } = work;
    const row = Object.hasOwn(rules, head.type) ? rules[head.type as EventType] : undefined;
    if (row === undefined) throw rejected('unknown-type', `no rule knows the event ${head.type}`);
    if ('postsNothing' in row) return { kind: 'nothing', rule: row.postsNothing };
    const rule = row as AnyRule;
    const { noun, value: body } = work.body === null ? { noun: null, value: null } : unwrap(work.body);
    if (body === null || noun !== events[head.type as EventType].noun) {
      throw rejected('wrong-body', `${head.type} speaks of ${noun ?? 'nothing'}`);
    }
    if (head.fact_id === null) throw rejected('no-fact-id', 'a money fact without fact_id');
    if (head.revision > 0 || head.corrects !== null || head.retracts !== null) {
      throw rejected('correction-unsupported', 'corrections are not posted from events yet');
    }
    mustHaveKnownCurrencies(body);
    return {
      kind: 'fact',
      entryId: uuidV5('entry', head.legal_entity, head.fact_id, rule.rule),
      contentHash: sha256(JSON.stringify(plain([rule.rule, rule.content(body, head)]))),
      original: rule.original?.(body, head) ?? null,
      work,
      rule,
      body,
    };
  });
}

/** The balanced entry of a fact. `original` is null when the fact needs none, or when it never came. Pure. */
export function post(
  { entryId, contentHash, work, rule, body }: Fact,
  original: PostedEntry | null,
  chart: Chart,
): { readonly kind: 'entry'; readonly entry: Entry } | Unposted {
  const { head } = work;
  return orRefused(() => {
    const draft = rule.draft(body, head, original);
    if ('nothing' in draft) return { kind: 'nothing', rule: draft.nothing };
    const lines = linesOf(draft, chart);
    if (lines.length === 0) return { kind: 'nothing', rule: 'zero-amount' };
    mustBalance(lines);
    const { documentId, invoiceId } = rule.documents(body, head);
    const entry: Entry = {
      entryId,
      contentHash,
      legalEntity: head.legal_entity,
      factId: head.fact_id ?? '',
      rule: rule.rule,
      ruleVersion: rule.version,
      variant: 'variant' in draft ? (draft.variant ?? null) : null,
      chartVersion: chart.version,
      reverses: 'reverses' in draft ? draft.reverses.entryId : null,
      eventId: head.event_id,
      eventType: head.type,
      customerId: head.customer_id,
      contractId: head.contract_id,
      documentId,
      invoiceId,
      factDate: isoDateOf(head.accounting_date),
      effectiveDate: isoDateOf(head.accounting_date),
      occurredAt: head.occurred_at,
      source: work.source,
      position: work.position,
      livemode: head.livemode,
      lines,
    };
    return { kind: 'entry', entry };
  });
}

function linesOf(draft: Exclude<Draft, { nothing: string }>, chart: Chart): readonly Line[] {
  if ('reverses' in draft) {
    return draft.reverses.lines.map(line => ({ ...line, amountMinor: -line.amountMinor }));
  }
  return draft.lines
    .filter(({ amount }) => amount.amount_minor !== 0n)
    .map(({ role, amount, dimensions }: DraftLine): Line => ({
      ...dimensions,
      role,
      account: chart.accountOf[role],
      amountMinor: amount.amount_minor,
      currency: amount.currency,
      exponent: amount.exponent,
    }));
}

/** The database demands it too; here the fact is refused alone, with a reason. */
function mustBalance(lines: readonly Line[]): void {
  const sums = new Map<string, bigint>();
  for (const { currency, amountMinor } of lines) sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  for (const [currency, sum] of sums) {
    if (sum !== 0n) throw rejected('does-not-balance', `debits and credits in ${currency} differ by ${sum}`);
  }
}

function orRefused<R>(act: () => R): R | Extract<Unposted, { kind: 'refused' }> {
  try {
    return act();
  } catch (error) {
    if (error instanceof KeelsonError && error.kind === 'rejected') {
      return { kind: 'refused', code: error.code, reason: error.message };
    }
    throw error;
  }
}

/** JSON has no bigint. */
const plain = (content: Content): unknown =>
  typeof content === 'bigint' ? `${content}n` : Array.isArray(content) ? content.map(plain) : content;
