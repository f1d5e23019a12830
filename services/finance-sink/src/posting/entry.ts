import type { Money } from '@keelson/contracts';
import type { Role } from './chart.ts';

/** What tells lines of one account apart; each is absent where it does not apply. */
export interface Dimensions {
  readonly jurisdiction?: string | null;
  /** Percent as a decimal. */
  readonly taxRate?: string | null;
  readonly taxBaseMinor?: bigint | null;
  readonly taxReason?: string | null;
  readonly productRef?: string | null;
  readonly priceRef?: string | null;
  /** The document's own line; of a credit note the invoice's line that it credits. */
  readonly documentLineId?: string | null;
  /** Microseconds since 1970. */
  readonly serviceStart?: number | null;
  readonly serviceEnd?: number | null;
}

/** One side of an entry as a rule says it: a debit above zero, a credit below. Zero leaves no line. */
export interface DraftLine {
  readonly role: Role;
  readonly amount: Money;
  readonly dimensions?: Dimensions;
}

export interface Line extends Dimensions {
  /** The part that the account plays; it outlives a renumbered chart. */
  readonly role: Role;
  readonly account: string;
  /** Debit above zero, credit below; never zero. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly exponent: number;
}

/** An entry ready to be posted; balanced per currency, two lines or more. */
export interface Entry {
  /** UUIDv5 over legal entity, fact and rule: never over the rule's version. */
  readonly entryId: string;
  readonly legalEntity: string;
  readonly factId: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly variant: string | null;
  readonly chartVersion: number;
  /** The entry that this one takes back. */
  readonly reverses: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly customerId: string;
  readonly contractId: string | null;
  readonly documentId: string;
  readonly invoiceId: string | null;
  /** YYYY-MM-DD in the entity's time zone: the fact's own date, and the one on which the books have it. */
  readonly factDate: string;
  readonly effectiveDate: string;
  /** Microseconds since 1970. */
  readonly occurredAt: number;
  readonly source: string;
  readonly position: string;
  readonly livemode: boolean;
  /** SHA-256 in hex of what the fact says. */
  readonly contentHash: string;
  readonly lines: readonly Line[];
}

/** An entry of the ledger, as far as a later fact needs it. */
export interface PostedEntry {
  readonly entryId: string;
  readonly rule: string;
  readonly documentId: string;
  readonly reversed: boolean;
  readonly lines: readonly Line[];
}

/** Which entry a fact builds on: that of `rule` about `documentId`. */
export interface OriginalKey {
  readonly rule: string;
  readonly documentId: string;
}

/** The month that a date lies in, YYYY-MM. */
export const periodOf = (isoDate: string): string => isoDate.slice(0, 7);
