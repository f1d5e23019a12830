import type { ExtraName } from '../catalogue.ts';
import type { Scene } from '../company.ts';
import { did, emit, record, tick } from '../company.ts';
import type { Invoice } from '../model.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import { collect, settleOutOfBand } from './collecting.ts';
import { draft, extraLine, factLines, finalize, settleIfNothingIsDue } from './invoicing.ts';

/** An invoice beside the contract, sent with thirty days to pay. */
export function invoiceExtras(scene: Scene, extras: readonly ExtraName[]): Invoice {
  did(scene, 'one_off_invoiced');
  const invoice = draft(
    scene,
    'manual',
    extras.map(name => extraLine(scene, name)),
    30,
  );
  finalize(scene, invoice);
  tick(scene);
  settleIfNothingIsDue(scene, invoice);
  return invoice;
}

export function payByCard(scene: Scene, invoice: Invoice): void {
  did(scene, 'invoice_paid');
  collect(scene, invoice);
}

export function payByBank(scene: Scene, invoice: Invoice): void {
  did(scene, 'paid_out_of_band');
  settleOutOfBand(scene, invoice);
}

/** It should never have been written. */
export function voidInvoice(scene: Scene, invoice: Invoice): void {
  did(scene, 'invoice_voided');
  invoice.status = 'void';
  invoice.voidedAt = scene.now;
  invoice.nextAttemptAt = null;
  const finalizedAt = invoice.finalizedAt ?? scene.now;
  record(scene, { kind: 'invoice_voided', invoiceId: invoice.id, lines: factLines(invoice), finalizedAt });
  emit(scene, 'invoice.voided', invoiceShape(invoice, scene.company.livemode));
  tick(scene);
}

/** Nobody believes any more that it will be paid. */
export function writeOff(scene: Scene, invoice: Invoice): void {
  did(scene, 'marked_uncollectible');
  invoice.status = 'uncollectible';
  invoice.uncollectibleAt = scene.now;
  invoice.nextAttemptAt = null;
  const finalizedAt = invoice.finalizedAt ?? scene.now;
  record(scene, {
    kind: 'invoice_uncollectible',
    invoiceId: invoice.id,
    lines: factLines(invoice),
    finalizedAt,
  });
  emit(scene, 'invoice.marked_uncollectible', invoiceShape(invoice, scene.company.livemode));
  tick(scene);
}
