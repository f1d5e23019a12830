import { add, subtract, sum, zero } from '@keelson/contracts';
import type { FactCreditNote, FactCreditNoteLine } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { settlementOf } from './credit-note-settlement.ts';
import { currencyCode, optionalMoney, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  idOf,
  isIncomplete,
  objects,
  optionalInstant,
  optionalText,
  requiredId,
  requiredInstant,
} from './fields.ts';
import { quantityOf } from './invoice-line.ts';
import { netOf, restOf } from './lines.ts';
import { knownRates, saidTaxes, taxLines, taxSum } from './taxes.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { wholeFetch } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/** Any telling of a credit note carries its issuing; a voided one its voiding too. */
export function mapCreditNote(telling: Telling, note: Fields): Yielded {
  const id = requiredId(note);
  const fetch = (reason: string): Yielded => ({ fetches: wholeFetch(telling, 'credit_note', id, reason) });
  if (isIncomplete(note, 'lines')) return fetch('more-lines');
  const body = bodyOf(telling, note);
  if (body === null) return fetch('settlement-not-told');
  const facts = [creditNoteFact(telling, note, 'credit_note_issued', requiredInstant(note, 'created'), body)];
  const voidedAt = optionalInstant(note, 'voided_at');
  if (note['status'] === 'void') {
    const voided = { ...body, voided: true, voided_at: voidedAt ?? telling.at };
    facts.push(creditNoteFact(telling, note, 'credit_note_voided', voided.voided_at, voided));
  }
  return { facts };
}

function bodyOf(telling: Telling, note: Fields): FactCreditNote | null {
  const currency = currencyCode(note);
  const total = requiredMoney(note, 'total');
  const settlement = settlementOf(note, total);
  if (settlement === null) return null;
  const sources = objects(note, 'lines');
  const rates = knownRates(note, sources);
  const said = sources.map(line => lineOf(note, line, rates));
  const rest = restOf(note, said, total, totalTaxOf(note));
  const lines = rest === null ? said : [...said, { ...restLine(note), ...rest }];
  return {
    credit_note_id: documentId(telling, 'credit_note', requiredId(note)),
    number: optionalText(note, 'number'),
    invoice_id: documentId(telling, 'invoice', requiredId(note, 'invoice')),
    voided: false,
    issued_at: optionalInstant(note, 'effective_at') ?? optionalInstant(note, 'created'),
    voided_at: null,
    lines,
    net: sum(
      currency,
      lines.map(line => line.net),
    ),
    tax: lines.reduce((all, line) => add(all, taxSum(note, line.taxes)), zero(currency)),
    total,
    ...settlement.amounts,
    refund_id: documentIdOrNull(telling, 'refund', settlement.refundId),
  };
}

function lineOf(note: Fields, line: Fields, rates: ReturnType<typeof knownRates>): FactCreditNoteLine {
  const taxes = taxLines(line, note, rates);
  return {
    line_id: requiredId(line),
    invoice_line_id: idOf(line['invoice_line_item']),
    description: optionalText(line, 'description'),
    quantity: quantityOf(line),
    net: netOf(line, note, taxes),
    taxes,
  };
}

const restLine = (note: Fields): Omit<FactCreditNoteLine, 'net' | 'taxes'> => ({
  line_id: `${requiredId(note)}:rest`,
  invoice_line_id: null,
  description: null,
  quantity: '1',
});

function totalTaxOf(note: Fields) {
  const taxes = saidTaxes(note, note);
  if (taxes.length > 0) return taxes.reduce((all, tax) => add(all, tax.amount), zero(currencyCode(note)));
  const without = optionalMoney(note, 'total_excluding_tax');
  return without === null ? null : subtract(requiredMoney(note, 'total'), without);
}

function creditNoteFact(
  telling: Telling,
  note: Fields,
  type: 'credit_note_issued' | 'credit_note_voided',
  occurredAt: number,
  body: FactCreditNote,
): MappedFact {
  return immutableFact(telling, {
    type: `billing.${type}`,
    object: note,
    occurredAt,
    documentId: body.credit_note_id,
    content: {
      note: body.credit_note_id,
      invoice: body.invoice_id,
      number: body.number,
      currency: body.total.currency,
      total: body.total.amount_minor,
      tax: body.tax.amount_minor,
      lines: body.lines.map(line => `${line.line_id} ${line.net.amount_minor}`).sort(),
    },
    body: { 'keelson.fact.CreditNote': body },
  });
}
