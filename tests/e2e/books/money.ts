import type { Books, Unposted } from './entry.ts';
import { entry, merged, nothing, reversed } from './entry.ts';
import type { Json } from './json.ts';
import { id, integer, integerOr0, list, reference } from './json.ts';

/** A charge that is paid and captured is money at the provider; old ones carry their refunds. */
export function chargeBooks(charge: Json): Books {
  const captured = integer(charge, 'amount_captured') ?? integerOr0(charge, 'amount');
  const settled =
    charge['status'] === 'succeeded' && charge['paid'] === true && charge['captured'] === true
      ? [
          entry('payment-settled', 'payment', id(charge), charge, {
            clearing: captured,
            unapplied: -captured,
          }),
        ]
      : [];
  return merged([{ entries: settled, unposted: [] }, ...list(charge, 'refunds').map(refundBooks)]);
}

/** Taken from the balance once a transaction there says so, and given back when it fails. */
export function refundBooks(refund: Json): Books {
  if (reference(refund, 'balance_transaction') === null) return nothing;
  const status = String(refund['status']);
  const amount = integerOr0(refund, 'amount');
  const made = entry('refund-created', 'refund', id(refund), refund, {
    refunds: amount,
    clearing: -amount,
  });
  const back = status === 'failed' || status === 'canceled' ? [reversed('refund-failed', made)] : [];
  return { entries: [made, ...back], unposted: [] };
}

export function payoutBooks(payout: Json, event: string): Books {
  const failed = payout['status'] === 'failed' || event === 'payout.failed';
  if (!failed && payout['status'] !== 'paid' && event !== 'payout.paid') return nothing;
  const amount = integerOr0(payout, 'amount');
  const paid = entry('payout-paid', 'payout', id(payout), payout, { inTransit: amount, clearing: -amount });
  return { entries: [paid, ...(failed ? [reversed('payout-failed', paid)] : [])], unposted: [] };
}

/** Opening and closing move nothing; what was withdrawn and given back is not posted yet. */
export function disputeBooks(dispute: Json, event: string): Books {
  const amounts = list(dispute, 'balance_transactions').map(movement => integerOr0(movement, 'amount'));
  const unposted = (verb: string, happened: boolean): readonly Unposted[] =>
    happened || event === `charge.dispute.${verb}`
      ? [{ type: `payment.dispute_${verb}`, id: id(dispute), rule: 'unsupported' }]
      : [];
  return {
    entries: [],
    unposted: [
      ...unposted(
        'funds_withdrawn',
        amounts.some(amount => amount < 0n),
      ),
      ...unposted(
        'funds_reinstated',
        amounts.some(amount => amount > 0n),
      ),
    ],
  };
}
