import type { Currency } from '../money.ts';
import { exponentOf } from '../money.ts';
import { totalsOf } from '../model.ts';
import { dateOf } from '../time.ts';
import type { World } from '../world.ts';

export type ExpectedPartner = {
  customerId: string;
  /** `stripe:<account>:<customer>` */
  alias: string;
  name: string;
  email: string;
  countryCode: string;
  vat: string | null;
  /** False once the customer is deleted. */
  active: boolean;
};

export type ExpectedInvoice = {
  invoiceId: string;
  customerId: string;
  number: string;
  /** Below zero it is a credit to the customer: amounts here are then above zero. */
  moveType: 'out_invoice' | 'out_refund';
  netMinor: number;
  taxMinor: number;
  totalMinor: number;
  currency: Currency;
  exponent: number;
  /** UTC. */
  invoiceDate: string;
  state: 'posted';
  /** Taken back by its issuer afterwards. */
  voided: boolean;
};

export function partnersOf(world: World): ExpectedPartner[] {
  return world.company.customers.map(customer => ({
    customerId: customer.id,
    alias: aliasOf(world, customer.id),
    name: customer.name,
    email: customer.email,
    countryCode: customer.market.country,
    vat: customer.taxId?.value ?? null,
    active: customer.deletedAt === null,
  }));
}

/** Every invoice that was ever finalised, those over zero and below zero too. */
export function invoicesOf(world: World): ExpectedInvoice[] {
  return world.company.invoices.flatMap(invoice => {
    if (invoice.finalizedAt === null || invoice.number === null) return [];
    const totals = totalsOf(invoice.lines);
    const sign = totals.totalMinor < 0 ? -1 : 1;
    const amount = (minor: number): number => (minor === 0 ? 0 : minor * sign);
    return [
      {
        invoiceId: invoice.id,
        customerId: invoice.customer.id,
        number: invoice.number,
        moveType: sign < 0 ? ('out_refund' as const) : ('out_invoice' as const),
        netMinor: amount(totals.netMinor),
        taxMinor: amount(totals.taxMinor),
        totalMinor: amount(totals.totalMinor),
        currency: invoice.customer.currency,
        exponent: exponentOf(invoice.customer.currency),
        invoiceDate: dateOf(invoice.finalizedAt),
        state: 'posted' as const,
        voided: invoice.voidedAt !== null,
      },
    ];
  });
}

export const aliasOf = (world: World, customerId: string): string => `stripe:${world.account}:${customerId}`;
