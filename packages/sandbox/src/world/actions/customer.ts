import type { Company, Scene } from '../company.ts';
import { did, emit, keep, tick } from '../company.ts';
import type { Market } from '../markets.ts';
import { REVERSE_CHARGE_COUNTRIES } from '../markets.ts';
import type { Customer, TaxId, TaxMode } from '../model.ts';
import type { Random } from '../prng.ts';
import { customerShape, deletedCustomerShape, paymentMethodShape, taxIdShape } from '../shapes/customer.ts';
import { vatNumberOf } from '../vat.ts';
import { taxRateOf } from './catalogue.ts';

/** A company or a person opens an account. */
export function signUp(company: Company, random: Random, market: Market, now: number): Scene {
  const kind = random.chance(0.65) ? 'company' : 'person';
  const name = random.pick(kind === 'company' ? market.companies : market.people);
  const taxId = kind === 'company' ? taxIdOf(random, market, now) : null;
  const taxMode = taxModeOf(random, market, kind, taxId);
  const id = `cus_${random.token(14)}`;
  const customer: Customer = {
    id,
    era: random.chance(0.45) ? 'old' : 'current',
    created: now,
    kind,
    name,
    email: emailOf(random, kind),
    phone: `+32 ${random.digits(9)}`,
    street: `${market.street} ${random.int(1, 180)}`,
    market,
    currency: market.currency,
    taxMode,
    taxRate:
      taxMode === 'none'
        ? null
        : taxRateOf(company, market, taxMode === 'inclusive', taxMode === 'reverse_charge'),
    taxId,
    balanceMinor: 0,
    delinquent: false,
    invoicePrefix: random.token(8).toUpperCase(),
    nextInvoice: 1,
    paymentMethod: {
      id: `pm_1${random.token(23)}`,
      created: now + 1,
      brand: random.pick(['visa', 'mastercard']),
      last4: random.digits(4),
      expYear: random.int(2027, 2031),
    },
    deletedAt: null,
  };
  company.customers.push(customer);
  const scene: Scene = { company, random, customer, subscription: null, now, action: 'signed_up' };
  did(scene, 'signed_up');
  emit(scene, 'customer.created', customerShape(customer, company.livemode));
  tick(scene);
  if (taxId !== null) emit(scene, 'customer.tax_id.created', taxIdShape(customer, taxId, company.livemode));
  emit(scene, 'payment_method.attached', paymentMethodShape(customer, company.livemode));
  tick(scene);
  return scene;
}

/** They rename themselves, write from another address, or move house. */
export function updateCustomer(scene: Scene): void {
  const { customer, random, company } = scene;
  did(scene, 'customer_updated');
  const before = customerShape(customer, company.livemode)(customer.era);
  const what = random.pick(['name', 'email', 'address'] as const);
  if (what === 'name')
    customer.name = customer.kind === 'company' ? `${customer.name} Group` : `${customer.name}-Łęcki`;
  if (what === 'email') customer.email = emailOf(random, customer.kind);
  if (what === 'address') customer.street = `${customer.market.street} ${random.int(181, 400)}`;
  emit(scene, 'customer.updated', customerShape(customer, company.livemode), {
    previous: { [what]: before[what] },
  });
  tick(scene);
}

/** They leave for good. Their subscription must have ended before. */
export function deleteCustomer(scene: Scene): void {
  const { customer, company } = scene;
  did(scene, 'customer_deleted');
  customer.deletedAt = scene.now;
  emit(scene, 'customer.deleted', customerShape(customer, company.livemode));
  keep(company, customer.id, deletedCustomerShape(customer));
}

/** The provider keeps the customer's credit; a change of it is an update of the customer. */
export function setBalance(scene: Scene, balanceMinor: number): void {
  const { customer, company } = scene;
  const before = customer.balanceMinor;
  customer.balanceMinor = balanceMinor;
  emit(scene, 'customer.updated', customerShape(customer, company.livemode), {
    previous: { balance: before },
  });
  tick(scene);
}

export function setDelinquent(scene: Scene, delinquent: boolean): void {
  const { customer, company } = scene;
  if (customer.delinquent === delinquent) return;
  customer.delinquent = delinquent;
  emit(scene, 'customer.updated', customerShape(customer, company.livemode), {
    previous: { delinquent: !delinquent },
  });
  tick(scene);
}

function taxIdOf(random: Random, market: Market, now: number): TaxId | null {
  const value = random.chance(0.8) ? vatNumberOf(market.country, random) : null;
  if (value === null) return null;
  const type = market.country === 'GB' ? 'gb_vat' : 'eu_vat';
  return { id: `txi_1${random.token(23)}`, created: now + 1, type, value, country: market.country };
}

function taxModeOf(random: Random, market: Market, kind: Customer['kind'], taxId: TaxId | null): TaxMode {
  if (market.milliPercent === 0) return 'none';
  if (taxId !== null && REVERSE_CHARGE_COUNTRIES.includes(market.country)) return 'reverse_charge';
  if (market.country === 'US') return random.chance(0.4) ? 'none' : 'exclusive';
  const inclusive = random.chance(kind === 'person' || market.country === 'JP' ? 0.75 : 0.2);
  return inclusive ? 'inclusive' : 'exclusive';
}

const emailOf = (random: Random, kind: Customer['kind']): string =>
  `${kind === 'company' ? random.pick(['billing', 'finance', 'accounts']) : random.pick(['me', 'hello', 'mail'])}.${random
    .token(6)
    .toLowerCase()}@example.com`;
