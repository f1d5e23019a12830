import { describe, expect, test } from '@jest/globals';
import { currencyExponent, money, toDecimal } from '@keelson/contracts';
import type { FactInvoiceLine } from '@keelson/contracts';
import fc from 'fast-check';
import { customerState, invoiceOf, invoiceWork, line, twoLines } from '../testing/works.ts';
import { draftRecord } from './draft-record.ts';
import { externalIdOf } from './external-id.ts';
import { readInvoice } from './invoice.ts';
import type { InvoiceDocument, InvoiceLookups } from './invoice.ts';
import { judgeDraft } from './judge-draft.ts';
import { languageCodeOf } from './languages.ts';
import { minorOf } from './move.ts';
import type { MoveRow } from './move.ts';
import { namesOtherDate } from './number-dates.ts';
import { partnerCells, partnerHolds, partnerRecord } from './partner.ts';
import type { PartnerLookups, PartnerRow } from './partner.ts';
import { readStamp, stampText } from './stamp.ts';
import { createTaxBook } from './taxes.ts';
import type { TaxRow } from './taxes.ts';

const taxRow = (id: number, name: string, amount: number, included = false, group = id): TaxRow => ({
  id,
  name,
  amount,
  price_include: included,
  tax_group_id: [group, `Group ${group}`],
});
const taxRows = [taxRow(55, 'VAT 20%', 20), taxRow(56, 'VAT 20% incl', 20, true), taxRow(58, 'VAT 10%', 10)];
const book = createTaxBook({ taxes: [], tax_tolerance_minor: 1 }, taxRows);

const lookups: InvoiceLookups = {
  journalId: 1,
  readsDates: true,
  currencyId: code => (currencyExponent(code) === undefined ? undefined : 7),
  taxesOf: each => book.taxesOf(each),
};

const head = invoiceWork({ customer: 1 }).head;

function documentOf(lines: readonly FactInvoiceLine[]): InvoiceDocument {
  const reading = readInvoice(invoiceOf('in_1', lines), head, 'keelson', lookups);
  if (!('document' in reading)) throw new Error(JSON.stringify(reading));
  return reading.document;
}

/** A draft as Odoo holds it when it computes as the issuer does. */
const rowOf = (document: InvoiceDocument, change: Partial<MoveRow> = {}): MoveRow => ({
  id: 9,
  name: document.number,
  state: 'draft',
  move_type: document.moveType,
  date: document.date,
  invoice_date: document.date,
  amount_untaxed: Number(toDecimal(document.net)),
  amount_tax: Number(toDecimal(document.tax)),
  amount_total: 0,
  currency_id: [document.currencyId, 'USD'],
  partner_id: [3, 'Customer'],
  journal_id: [document.journalId, 'Sales'],
  tax_totals: {
    subtotals: [
      {
        tax_groups: [...document.taxGroups].map(([id, { amountMinor }]) => ({
          id,
          tax_amount_currency: Number(toDecimal({ ...document.tax, amount_minor: amountMinor })),
        })),
      },
    ],
  },
  ...change,
});

const currencies = fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'ISK');
const amounts = fc.bigInt({ min: -1_000_000_000_000n, max: 1_000_000_000_000n });

test('an amount goes to Odoo as a decimal, and comes back from its float the same', () => {
  fc.assert(
    fc.property(amounts, currencies, (minor, currency) => {
      const amount = money(minor, currency);
      expect(minorOf(Number(toDecimal(amount)), amount.exponent)).toBe(minor);
    }),
  );
  expect(minorOf(16.669999999999998, 2)).toBe(1667n);
});

describe('an invoice', () => {
  const invoices = fc.tuple(
    currencies,
    fc.array(fc.record({ net: amounts, tax: amounts, rate: fc.constantFrom('20', '10') }), {
      minLength: 1,
      maxLength: 8,
    }),
  );

  test('whatever is on it: the lines sum to the base, the tax groups to the tax, and the total is not below zero', () => {
    fc.assert(
      fc.property(invoices, ([currency, parts]) => {
        const lines = parts.map(({ net, tax, rate }, index) =>
          line(index, net, { minor: tax, rate }, currency),
        );
        const document = documentOf(lines);
        const sum = (values: readonly bigint[]): bigint => values.reduce((total, each) => total + each, 0n);
        expect(sum(document.lines.map(({ net }) => net.amount_minor))).toBe(document.net.amount_minor);
        expect(sum([...document.taxGroups.values()].map(({ amountMinor }) => amountMinor))).toBe(
          document.tax.amount_minor,
        );
        expect(document.net.amount_minor + document.tax.amount_minor).toBeGreaterThanOrEqual(0n);
        const { columns, rows } = draftRecord(document, 'keelson.customer_1');
        const prices = rows.map(row => Number(row[columns.indexOf('invoice_line_ids/price_unit')]));
        const exponent = document.net.exponent;
        expect(sum(prices.map(price => minorOf(price, exponent)))).toBe(document.net.amount_minor);
        expect(judgeDraft(document, rowOf(document), 3, 0)).toEqual({ ready: true });
      }),
    );
  });

  test('each line has an external id of its own, and only the first row the columns of the document', () => {
    const { columns, rows } = draftRecord(documentOf(twoLines), 'keelson.customer_1');
    const idAt = columns.indexOf('invoice_line_ids/id');
    expect(rows.map(row => row[idAt])).toEqual([1, 2].map(nth => `${String(rows[0]?.[0])}_line_${nth}`));
    expect(rows[1]?.slice(0, idAt)).toEqual(columns.slice(0, idAt).map(() => null));
  });

  test.each([
    ['its number is gone', { number: null }, 'invoice_without_number'],
    ['its number names another year', { number: '4E3A9F02-0003' }, 'number_unfit'],
    ['it has an amount and no lines', { lines: [] }, 'invoice_without_lines'],
    [
      'its currency is unknown',
      { total: { amount_minor: 1n, currency: 'XXX', exponent: 2 } },
      'currency_inactive',
    ],
    ['no tax fits', { lines: [line(1, 1000n, { minor: 70n, rate: '7' })] }, 'tax_unmapped'],
  ])('is refused before anything is written when %s', (_, change, code) => {
    const reading = readInvoice(invoiceOf('in_1', twoLines, change), head, 'keelson', lookups);
    expect(reading).toMatchObject({ refused: { code } });
  });
});

/** As a real Odoo 19.0 answered for 2 November 2026. */
describe('a number', () => {
  const names = (number: string): boolean => namesOtherDate(number, '2026-11-02');

  test.each([
    ...['D03A88-0007', 'AB12-0001', '4E3A9F02-0003', '2025-0001', '88-1', 'X88Y', 'X88Y9', 'A99B 1'],
    ...['AB99-0001-DRAFT', 'PRE/1999/A', 'M-2026-10-0001'],
  ])('%s names another date: Odoo does not post it', number => {
    expect(names(number)).toBe(true);
  });

  test.each([
    ...['A1B2C388-0001', 'AB1305-0001', 'AB2605-0001', 'AB2611-0001', 'F2026-0001', 'STR-in_1_1', '12345678'],
    ...['K0311-0002', '1999', 'M-2026-11-0001', 'AB26-0001', 'AB06-0001', 'AB00-0001'],
  ])('%s is posted', number => {
    expect(names(number)).toBe(false);
  });

  test('a business year is left to Odoo, which knows when it begins', () => {
    for (const number of ['INV-2025-2026-0001', 'INV 26/27 7', 'R-26-27-11-3'])
      expect(names(number)).toBe(false);
  });
});

describe('a draft', () => {
  const document = documentOf([line(1, 1000n, { minor: 200n }), line(2, 500n, { minor: 50n, rate: '10' })]);
  const taxes = (twenty: number, ten: number): Partial<MoveRow> => ({
    amount_tax: twenty + ten,
    tax_totals: {
      subtotals: [
        { tax_groups: [{ id: 55, tax_amount_currency: twenty }] },
        { tax_groups: [{ id: 58, tax_amount_currency: ten }] },
      ],
    },
  });
  const judge = (change: Partial<MoveRow>, toleranceMinor = 1) =>
    judgeDraft(document, rowOf(document, change), 3, toleranceMinor);

  test('is amended by a cent of tax, group by group, and by its number', () => {
    const amended = [
      { id: 55, tax_amount_currency: 2 },
      { id: 58, tax_amount_currency: 0.5 },
    ];
    const totals = { subtotals: [{ tax_groups: amended }] };
    expect(judge(taxes(2.01, 0.5))).toEqual({ amend: { tax_totals: totals } });
    expect(judge(taxes(2.01, 0.49))).toEqual({ amend: { tax_totals: totals } });
    expect(judge({ name: false })).toEqual({ amend: { name: 'STR-in_1' } });
  });

  test.each([
    ['two cents in one group', taxes(2.02, 0.5), 'tax_differs'],
    ['two cents that another group makes good', taxes(2.02, 0.48), 'tax_differs'],
    [
      'a tax that the issuer does not know',
      { tax_totals: { subtotals: [{ tax_groups: [{ id: 99, tax_amount_currency: 0.01 }] }] } },
      'tax_differs',
    ],
    ['a cent in the base', { amount_untaxed: 15.01 }, 'base_differs'],
    ['another customer', { partner_id: [4, 'Other'] as const }, 'draft_changed'],
    ['another currency', { currency_id: [1, 'EUR'] as const }, 'draft_changed'],
    ['another date', { invoice_date: '2026-01-01' }, 'draft_changed'],
    ['no date', { invoice_date: false as const }, 'draft_changed'],
    ['another type', { move_type: 'out_refund' }, 'draft_changed'],
    ['another journal', { journal_id: [2, 'Other'] as const }, 'draft_changed'],
  ])('is refused for %s', (_, change, code) => {
    expect(judge(change)).toMatchObject({ refused: { code } });
  });

  test('with no tolerance a cent is too much', () => {
    expect(judge(taxes(2.01, 0.5), 0)).toMatchObject({ refused: { code: 'tax_differs' } });
  });
});

describe('taxes', () => {
  const mapped = (taxes: Parameters<typeof createTaxBook>[0]['taxes'], rows = taxRows) =>
    createTaxBook({ taxes, tax_tolerance_minor: 1 }, rows);
  const idsOf = (found: ReturnType<typeof book.taxesOf>): unknown =>
    'taxes' in found ? found.taxes.map(({ taxId }) => taxId) : found.missing;

  test('the mapping wins, then the only tax of the rate; between two nobody guesses', () => {
    const two = [...taxRows, taxRow(60, 'VAT 20% goods', 20)];
    const taxed = line(1, 1000n, { minor: 200n });
    expect(idsOf(book.taxesOf(taxed))).toEqual([55]);
    expect(idsOf(mapped([], two).taxesOf(taxed))).toBe('20 %');
    const goods = { rate: '20.0', inclusive: false, odoo_tax: 'VAT 20% goods' };
    expect(idsOf(mapped([goods], two).taxesOf(taxed))).toEqual([60]);
    expect(idsOf(mapped([goods], two).taxesOf(line(1, 1000n, { minor: 200n, inclusive: true })))).toBe(
      '20 %',
    );
  });

  test('without a rate, the amount tells; a rate that is a little off, too', () => {
    expect(idsOf(book.taxesOf(line(1, 1000n, { minor: 100n, rate: null })))).toEqual([58]);
    expect(idsOf(book.taxesOf(line(1, 999n, { minor: 200n, rate: '20.02' })))).toEqual([55]);
    expect(idsOf(book.taxesOf(line(1, 1000n, { minor: 70n, rate: null })))).toBe('0.70 on 10.00');
  });

  test('no charge needs no tax; one tax included in the price stands for nothing', () => {
    expect(idsOf(book.taxesOf(line(1, 1000n, { minor: 0n, rate: null })))).toEqual([]);
    expect(idsOf(book.taxesOf(line(1, 1000n, { minor: 0n, rate: '0' })))).toEqual([]);
    const { faults } = mapped([{ rate: '20', inclusive: true, odoo_tax: 'VAT 20% incl' }]);
    expect(faults).toEqual([expect.stringContaining('"VAT 20% incl"')]);
  });
});

describe('a partner', () => {
  const names: PartnerLookups = {
    countryId: code => (code === 'BE' ? 20 : undefined),
    languageCode: language => (language === 'fr' ? 'fr_FR' : undefined),
  };
  const row: PartnerRow = {
    id: 1,
    ref: 'x/1',
    name: 'Customer 1 v1',
    email: 'c1@example.com',
    phone: false,
    street: '1 Main St',
    street2: false,
    city: 'Ghent',
    zip: '9000',
    country_id: [20, 'Belgium'],
    vat: false,
    is_company: true,
    lang: 'fr_FR',
    active: true,
  };
  const cells = (state: Parameters<typeof customerState>[0]['state'] = {}) =>
    partnerCells(customerState({ customer: 1, state }), names);

  test('holds what it holds; every field that differs is a difference', () => {
    expect(partnerHolds(row, cells())).toBe(true);
    for (const [field, other] of Object.entries({
      ...{ name: 'x', email: 'x', phone: 'x', street: 'x', street2: 'x', city: 'x', zip: 'x', vat: 'x' },
      ...{ country_id: false, is_company: false, lang: 'en_US' },
    }))
      expect([field, partnerHolds({ ...row, [field]: other }, cells())]).toEqual([field, false]);
  });

  test('a language that Odoo has not is left as it is; only the deleted are archived', () => {
    expect(Object.keys(cells({ language: 'ja' }))).not.toContain('lang');
    expect(cells()).not.toHaveProperty('active');
    expect(cells({ deleted: true })).toMatchObject({ active: '0' });
    expect(partnerHolds({ ...row, active: false }, cells())).toBe(true);
  });

  test('is never without a name', () => {
    expect(cells({ legal_name: ' ' }).name).toBe('c1@example.com');
    expect(cells({ legal_name: null, emails: [] }).name).toBe('cus_1');
  });

  test('its row fits its columns', () => {
    const { columns, rows } = partnerRecord('keelson', customerState({ customer: 1 }), cells());
    expect(rows[0]).toHaveLength(columns.length);
    expect(columns.slice(0, 2)).toEqual(['id', 'ref']);
  });

  test('its stamp can be read again; one that somebody wrote is older than any', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), (customerId, version) => {
        expect(readStamp(stampText({ customerId, version }))).toEqual({ customerId, version });
      }),
    );
    for (const ref of [false, '', 'C-1', 'C-1/x', 'C-1/'] as const) expect(readStamp(ref).version).toBe(0);
  });

  test('external ids have no hyphen and no space', () => {
    const id = externalIdOf('keelson', 'customer', '0197e1a4-0000-7000-8000-000000000000');
    expect(id).toBe('keelson.customer_0197e1a4_0000_7000_8000_000000000000');
  });
});

test('a language is the very one, else the plain one, else the first of its kind', () => {
  const active = [
    { code: 'fr_BE', iso_code: 'fr_BE' },
    { code: 'fr_FR', iso_code: 'fr' },
    { code: 'pt_BR', iso_code: 'pt_BR' },
  ];
  const found = ['fr', 'fr-BE', 'fr-CA', 'FR', 'pt', 'pt-PT', 'de', ''].map(language =>
    languageCodeOf(active, language),
  );
  expect(found).toEqual(['fr_FR', 'fr_BE', 'fr_FR', 'fr_FR', 'pt_BR', 'pt_BR', undefined, undefined]);
});
