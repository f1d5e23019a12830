import type { Scene } from '../company.ts';
import { did, emit, record, tick } from '../company.ts';
import type { Charge, Dispute } from '../model.ts';
import { disputeFeeOf } from '../money.ts';
import { disputeShape } from '../shapes/refund.ts';
import { addTransaction } from './collecting.ts';

/** The cardholder's bank takes the money back at once, and a fee with it. Names the charge; no customer. */
export function openDispute(scene: Scene, charge: Charge): Dispute {
  const { company, random, customer } = scene;
  did(scene, 'dispute_opened');
  const id = `du_1${random.token(23)}`;
  const { amountMinor } = charge;
  const feeMinor = disputeFeeOf(customer.currency);
  const dispute: Dispute = {
    id,
    charge,
    created: scene.now,
    amountMinor,
    status: 'needs_response',
    reason: random.pick(['fraudulent', 'product_not_received', 'subscription_canceled']),
    transactions: [],
  };
  charge.disputed = true;
  company.disputed.add(charge);
  emit(scene, 'charge.dispute.created', disputeShape(dispute, company.livemode), { needs: [charge.id] });
  tick(scene);
  dispute.transactions.push(addTransaction(scene, 'adjustment', 'dispute', -amountMinor, feeMinor, id));
  record(scene, { kind: 'dispute_withdrawn', disputeId: id, chargeId: charge.id, amountMinor, feeMinor });
  emit(scene, 'charge.dispute.funds_withdrawn', disputeShape(dispute, company.livemode), {
    needs: [charge.id],
  });
  tick(scene);
  return dispute;
}

/** The bank decides. Won: amount and fee come back. */
export function closeDispute(scene: Scene, dispute: Dispute, won: boolean): void {
  const { company, customer } = scene;
  did(scene, won ? 'dispute_won' : 'dispute_lost');
  const { charge, amountMinor, id: disputeId } = dispute;
  const needs = [charge.id];
  company.disputed.delete(charge);
  dispute.status = won ? 'won' : 'lost';
  if (won) {
    const feeMinor = disputeFeeOf(customer.currency);
    dispute.transactions.push(
      addTransaction(scene, 'adjustment', 'dispute_reversal', amountMinor, -feeMinor, disputeId),
    );
    record(scene, { kind: 'dispute_won', disputeId, chargeId: charge.id, amountMinor, feeMinor });
    emit(scene, 'charge.dispute.funds_reinstated', disputeShape(dispute, company.livemode), { needs });
  } else {
    record(scene, { kind: 'dispute_lost', disputeId, chargeId: charge.id, amountMinor });
  }
  emit(scene, 'charge.dispute.closed', disputeShape(dispute, company.livemode), { needs });
  tick(scene);
}
