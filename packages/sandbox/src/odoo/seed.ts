import type { Database, SqlValue } from '../sqlite.ts';
import { linkTableOf, tableOf } from './models.ts';

/**
 * What a fresh stand-in holds: one company in USD, the generic chart as far as it is needed, journals, taxes,
 * currencies, countries and languages. The ids of what the recordings name are those of the recordings.
 */

/** [id, name, full name, symbol, rounding, active, units for one USD] */
const currencies: readonly [number, string, string, string, number, boolean, number][] = [
  [1, 'USD', 'United States dollar', '$', 0.01, true, 1],
  [126, 'EUR', 'Euro', '€', 0.01, true, 0.9],
  [25, 'JPY', 'Japanese yen', '¥', 1, true, 150],
  [86, 'ISK', 'Icelandic króna', 'kr', 1, true, 140],
  [94, 'KWD', 'Kuwaiti dinar', 'د.ك', 0.001, true, 0.31],
  [142, 'GBP', 'Pound sterling', '£', 0.01, true, 0.8],
  [44, 'CHF', 'Swiss franc', 'CHF', 0.01, false, 1],
  [18, 'SEK', 'Swedish krona', 'kr', 0.01, false, 1],
  [11, 'HUF', 'Hungarian forint', 'Ft', 0.01, false, 1],
  [45, 'CLP', 'Chilean peso', '$', 1, false, 1],
  [41, 'UGX', 'Ugandan shilling', 'USh', 1, false, 1],
];

/** [id, name, code] */
const countries: readonly [number, string, string][] = [
  [13, 'Australia', 'AU'],
  [12, 'Austria', 'AT'],
  [20, 'Belgium', 'BE'],
  [31, 'Brazil', 'BR'],
  [38, 'Canada', 'CA'],
  [46, 'Chile', 'CL'],
  [59, 'Denmark', 'DK'],
  [57, 'Germany', 'DE'],
  [68, 'Spain', 'ES'],
  [70, 'Finland', 'FI'],
  [75, 'France', 'FR'],
  [99, 'Hungary', 'HU'],
  [108, 'Iceland', 'IS'],
  [104, 'India', 'IN'],
  [101, 'Ireland', 'IE'],
  [109, 'Italy', 'IT'],
  [113, 'Japan', 'JP'],
  [122, 'Kuwait', 'KW'],
  [133, 'Luxembourg', 'LU'],
  [156, 'Mexico', 'MX'],
  [165, 'Netherlands', 'NL'],
  [170, 'New Zealand', 'NZ'],
  [166, 'Norway', 'NO'],
  [179, 'Poland', 'PL'],
  [183, 'Portugal', 'PT'],
  [196, 'Sweden', 'SE'],
  [197, 'Singapore', 'SG'],
  [43, 'Switzerland', 'CH'],
  [225, 'Uganda', 'UG'],
  [231, 'United Kingdom', 'GB'],
  [233, 'United States', 'US'],
  [247, 'South Africa', 'ZA'],
];

/** [name, code, ISO code, active] */
const languages: readonly [string, string, string, boolean][] = [
  ['English (US)', 'en_US', 'en', true],
  ['French / Français', 'fr_FR', 'fr', true],
  ['German / Deutsch', 'de_DE', 'de', true],
  ['Spanish / Español', 'es_ES', 'es', false],
  ['Italian / Italiano', 'it_IT', 'it', false],
  ['Dutch / Nederlands', 'nl_NL', 'nl', false],
  ['Japanese / 日本語', 'ja_JP', 'ja', false],
  ['Portuguese (BR) / Português (BR)', 'pt_BR', 'pt_BR', false],
];

/** [id, code, name, type, can be reconciled] */
const accounts: readonly [number, string, string, string, boolean][] = [
  [46, '101401', 'Bank', 'asset_cash', false],
  [47, '101402', 'Bank Suspense Account', 'asset_current', false],
  [48, '101403', 'Outstanding Receipts', 'asset_current', true],
  [49, '101404', 'Outstanding Payments', 'asset_current', true],
  [5, '121000', 'Account Receivable', 'asset_receivable', true],
  [7, '131000', 'Tax Paid', 'asset_current', false],
  [14, '211000', 'Account Payable', 'liability_payable', true],
  [17, '251000', 'Tax Received', 'liability_current', false],
  [18, '201000', 'Deferred Revenue', 'liability_current', true],
  [24, '301000', 'Capital', 'equity', false],
  [26, '400000', 'Product Sales', 'income', false],
  [27, '441000', 'Foreign Exchange Gain', 'income', false],
  [28, '450000', 'Other Income', 'income_other', false],
  [30, '600000', 'Expenses', 'expense', false],
  [36, '641000', 'Foreign Exchange Loss', 'expense', false],
  [38, '620000', 'Bank Fees', 'expense', false],
];

/** [id, name, code, type, order, default account] */
const journals: readonly [number, string, string, string, number, number | null][] = [
  [1, 'Sales', 'INV', 'sale', 5, 26],
  [2, 'Purchases', 'BILL', 'purchase', 6, 30],
  [6, 'Bank', 'BNK1', 'bank', 7, 46],
  [3, 'Miscellaneous Operations', 'MISC', 'general', 9, null],
  [4, 'Exchange Difference', 'EXCH', 'general', 10, null],
  [5, 'Cash Basis Taxes', 'CABA', 'general', 10, null],
];

/** [id, name, percent, included, use, account or null for that of the line, group] */
const taxes: readonly [number, string, number, boolean, string, number | null, number][] = [
  [1, '15%', 15, false, 'sale', 17, 1],
  [2, '15%', 15, false, 'purchase', 7, 1],
  [3, '0% Exports', 0, false, 'sale', null, 5],
  [55, 'VAT 20%', 20, false, 'sale', null, 1],
  [56, 'VAT 20% incl', 20, true, 'sale', null, 1],
  [57, 'VAT 19%', 19, false, 'sale', 17, 2],
  [58, 'VAT 10%', 10, false, 'sale', 17, 3],
  [59, 'VAT 5.5%', 5.5, false, 'sale', 17, 4],
  [60, 'VAT 21%', 21, false, 'sale', 17, 6],
  [61, 'VAT 23%', 23, false, 'sale', 17, 7],
  [62, 'Sales Tax 8.875%', 8.875, false, 'sale', 17, 8],
];

/** [id, name]; the taxes of 20 % stand in the group of 15 %, as recorded. */
const taxGroups: readonly [number, string][] = [
  [1, 'Tax 15%'],
  [2, 'Tax 19%'],
  [3, 'Tax 10%'],
  [4, 'Tax 5.5%'],
  [5, 'Tax 0%'],
  [6, 'Tax 21%'],
  [7, 'Tax 23%'],
  [8, 'Tax 8.875%'],
];

export const users = {
  admin: { id: 2, name: 'Administrator' },
  invoicing: { id: 5, name: 'Invoicing Only' },
  plain: { id: 6, name: 'Plain User' },
  bot: { id: 7, name: 'Integration Bot' },
} as const;

export const companyId = 1;
export const companyCurrencyId = 1;
export const receivableAccountId = 5;
export const payableAccountId = 14;
export const bankSuspenseAccountId = 47;

type Values = Record<string, SqlValue | boolean>;

/** Fills an empty database; one that holds a company already is left as it is. */
export function seed(database: Database, now: string): void {
  if (database.get('SELECT id FROM res_company LIMIT 1') !== undefined) return;
  const insert = (model: string, values: Values, externalId?: string): void => {
    const row = { ...values, create_date: now, write_date: now };
    const names = Object.keys(row);
    const id = database.run(
      `INSERT INTO ${tableOf(model)} (${names.map(name => `"${name}"`).join()}) VALUES (${names.map(() => '?').join()})`,
      ...Object.values(row).map(value => (typeof value === 'boolean' ? Number(value) : value)),
    );
    if (externalId === undefined) return;
    const [module = '', name = ''] = externalId.split('.', 2);
    insert('ir.model.data', { module, name, model, res_id: id, noupdate: true });
  };
  database.transaction(() => {
    for (const [id, name, fullName, symbol, rounding, active, rate] of currencies) {
      const decimals = Math.max(0, Math.round(-Math.log10(rounding)));
      const values = {
        id,
        name,
        full_name: fullName,
        symbol,
        rounding,
        decimal_places: decimals,
        active,
        rate,
      };
      insert('res.currency', values, `base.${name}`);
    }
    for (const [id, name, code] of countries) {
      insert('res.country', { id, name, code }, `base.${code === 'GB' ? 'uk' : code.toLowerCase()}`);
    }
    for (const [name, code, isoCode, active] of languages) {
      insert('res.lang', { name, code, iso_code: isoCode, active }, `base.lang_${code}`);
    }
    insertCompany(insert);
    for (const [id, code, name, type, reconcile] of accounts) {
      insert('account.account', { id, code, name, account_type: type, reconcile, active: true });
      database.run(
        `INSERT INTO ${linkTableOf('account.account', 'company_ids')} VALUES (?, ?)`,
        id,
        companyId,
      );
    }
    for (const [id, name, code, type, sequence, account] of journals) {
      const values = { id, name, code, type, sequence, default_account_id: account, active: true };
      insert('account.journal', { ...values, company_id: companyId });
    }
    for (const [id, name] of taxGroups) insert('account.tax.group', { id, name });
    for (const tax of taxes) insertTax(insert, tax);
    for (const payment_type of ['inbound', 'outbound']) {
      insert('account.payment.method.line', { name: 'Manual Payment', payment_type, journal_id: 6 });
    }
  });
}

/** As an administrator sets it who wants numbers kept whatever they look like. */
export function setFreeNumbers(database: Database): void {
  database.run(
    "UPDATE account_journal SET sequence_override_regex = ? WHERE type = 'sale'",
    String.raw`^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$`,
  );
}

type Insert = (model: string, values: Values, externalId?: string) => void;

function insertCompany(insert: Insert): void {
  const partner = { active: true, lang: 'en_US', type: 'contact', color: 0, customer_rank: 0 };
  insert(
    'res.partner',
    { ...partner, id: 1, name: 'Main Co', complete_name: 'Main Co', is_company: true },
    'base.main_partner',
  );
  insert('res.partner', {
    ...partner,
    id: 3,
    name: 'Administrator',
    complete_name: 'Administrator',
    is_company: false,
  });
  insert(
    'res.company',
    {
      id: companyId,
      name: 'Main Co',
      currency_id: companyCurrencyId,
      partner_id: 1,
      country_id: 233,
      tax_calculation_rounding_method: 'round_globally',
    },
    'base.main_company',
  );
  for (const [login, user] of Object.entries(users)) {
    const values = { id: user.id, name: user.name, login, active: true, lang: 'en_US' };
    insert('res.users', { ...values, company_id: companyId });
  }
}

function insertTax(insert: Insert, tax: (typeof taxes)[number]): void {
  const [id, name, amount, included, use, account, group] = tax;
  insert('account.tax', {
    id,
    name,
    amount,
    amount_type: 'percent',
    type_tax_use: use,
    price_include: included,
    price_include_override: included ? 'tax_included' : 'tax_excluded',
    tax_group_id: group,
    country_id: 233,
    company_id: companyId,
    posted_on: account,
    active: true,
  });
}
