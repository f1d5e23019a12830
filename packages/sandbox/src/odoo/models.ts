/** The models the stand-in knows: fields with their types and labels, as `fields_get` of a real one tells them. */

export type FieldType =
  | 'char'
  | 'text'
  | 'html'
  | 'boolean'
  | 'integer'
  | 'float'
  | 'monetary'
  | 'date'
  | 'datetime'
  | 'selection'
  | 'many2one'
  | 'many2one_reference'
  | 'many2many'
  | 'one2many'
  | 'binary';

export type Field = {
  type: FieldType;
  string: string;
  required?: boolean;
  readonly?: boolean;
  relation?: string;
  /** Of a one2many: the many2one that points back. */
  inverse?: string;
  selection?: readonly (readonly [string, string])[];
  index?: boolean;
  /** Read through another field: `account_id.account_type`. */
  related?: string;
  /** Computed when read; no column of its own. */
  computed?: boolean;
  /** Does not show to callers. */
  hidden?: boolean;
  default?: string | number | boolean;
};

export type Model = {
  name: string;
  label: string;
  order: string;
  /** Fields a name is looked up in. */
  searchName: readonly string[];
  fields: Readonly<Record<string, Field>>;
};

type Extra = Omit<Field, 'type' | 'string'>;
const make =
  (type: FieldType) =>
  (string: string, extra: Extra = {}): Field => ({ type, string, ...extra });
const char = make('char');
const text = make('text');
const boolean = make('boolean');
const integer = make('integer');
const float = make('float');
const monetary = make('monetary');
const date = make('date');
const required = { required: true };
const readonly = { readonly: true };
const one = (string: string, relation: string, extra: Extra = {}): Field => ({
  type: 'many2one',
  string,
  relation,
  ...extra,
});
const many = (string: string, relation: string, extra: Extra = {}): Field => ({
  type: 'many2many',
  string,
  relation,
  ...extra,
});
const lines = (string: string, relation: string, inverse: string): Field => ({
  type: 'one2many',
  string,
  relation,
  inverse,
});
const selection = (string: string, options: Record<string, string>, extra: Extra = {}): Field => ({
  type: 'selection',
  string,
  selection: Object.entries(options),
  ...extra,
});

const company = one('Company', 'res.company');
const active = boolean('Active', { default: true });

const defined: Model[] = [
  {
    name: 'res.partner',
    label: 'Contact',
    order: 'complete_name, id desc',
    searchName: ['complete_name', 'email', 'ref', 'vat', 'company_registry'],
    fields: {
      name: char('Name'),
      complete_name: char('Complete Name', { readonly: true, index: true }),
      parent_id: one('Related Company', 'res.partner', { index: true }),
      ref: char('Reference', { index: true }),
      lang: selection('Language', {}, { default: 'en_US' }),
      vat: char('Tax ID'),
      company_registry: char('Company ID'),
      active,
      type: selection(
        'Address Type',
        { contact: 'Contact', invoice: 'Invoice', delivery: 'Delivery', other: 'Other' },
        { default: 'contact' },
      ),
      street: char('Street'),
      street2: char('Street2'),
      zip: char('Zip'),
      city: char('City'),
      state_id: one('State', 'res.country.state'),
      country_id: one('Country', 'res.country'),
      email: char('Email', { index: true }),
      phone: char('Phone'),
      website: char('Website'),
      is_company: boolean('Is a Company'),
      company_type: selection('Company Type', { person: 'Person', company: 'Company' }, { computed: true }),
      color: integer('Color Index', { default: 0 }),
      comment: { type: 'html', string: 'Notes' },
      customer_rank: integer('Customer Rank', { default: 0 }),
      company_id: company,
    },
  },
  {
    name: 'res.country',
    label: 'Country',
    order: 'name, id',
    searchName: ['name', 'code'],
    fields: { name: char('Country Name', required), code: char('Country Code', required) },
  },
  {
    name: 'res.country.state',
    label: 'Country state',
    order: 'code, id',
    searchName: ['name', 'code'],
    fields: {
      name: char('State Name', required),
      code: char('State Code', required),
      country_id: one('Country', 'res.country', required),
    },
  },
  {
    name: 'res.lang',
    label: 'Languages',
    order: 'active desc, name',
    searchName: ['name'],
    fields: {
      name: char('Name', required),
      code: char('Locale Code', required),
      iso_code: char('ISO code'),
      active: boolean('Active'),
    },
  },
  {
    name: 'res.currency',
    label: 'Currency',
    order: 'active desc, name',
    searchName: ['name'],
    fields: {
      name: char('Currency', required),
      full_name: char('Name'),
      symbol: char('Symbol'),
      rate: float('Current Rate', readonly),
      rounding: float('Rounding Factor'),
      decimal_places: integer('Decimal Places', readonly),
      active,
    },
  },
  {
    name: 'res.company',
    label: 'Companies',
    order: 'name, id',
    searchName: ['name'],
    fields: {
      name: char('Company Name', required),
      currency_id: one('Currency', 'res.currency', required),
      partner_id: one('Partner', 'res.partner'),
      country_id: one('Country', 'res.country'),
      tax_calculation_rounding_method: selection('Tax Calculation Rounding Method', {
        round_per_line: 'Round per Line',
        round_globally: 'Round Globally',
      }),
      fiscalyear_lock_date: date('Global Lock Date'),
      tax_lock_date: date('Tax Return Lock Date'),
      sale_lock_date: date('Sales Lock Date'),
      purchase_lock_date: date('Purchase Lock date'),
      hard_lock_date: date('Hard Lock Date'),
    },
  },
  {
    name: 'res.users',
    label: 'User',
    order: 'name, login',
    searchName: ['login', 'name'],
    fields: {
      name: char('Name'),
      login: char('Login', required),
      active,
      company_id: one('Company', 'res.company', required),
      company_ids: many('Companies', 'res.company'),
      lang: char('Language'),
      tz: char('Timezone'),
    },
  },
  {
    name: 'account.account',
    label: 'Account',
    order: 'code, id',
    searchName: ['code', 'name'],
    fields: {
      code: char('Code', { index: true }),
      name: char('Account Name', required),
      account_type: char('Type', required),
      reconcile: boolean('Allow Reconciliation'),
      active,
      company_ids: many('Companies', 'res.company'),
    },
  },
  {
    name: 'account.tax.group',
    label: 'Tax Group',
    order: 'id',
    searchName: ['name'],
    fields: { name: char('Name', required) },
  },
  {
    name: 'account.tax',
    label: 'Tax',
    order: 'id',
    searchName: ['name'],
    fields: {
      name: char('Tax Name', required),
      type_tax_use: selection('Tax Type', { sale: 'Sales', purchase: 'Purchases', none: 'None' }, required),
      amount_type: selection(
        'Tax Computation',
        {
          group: 'Group of Taxes',
          fixed: 'Fixed',
          percent: 'Percentage',
          division: 'Percentage Tax Included',
        },
        required,
      ),
      active,
      company_id: one('Company', 'res.company', { required: true, readonly: true }),
      amount: float('Amount', required),
      price_include: boolean('Price Include', readonly),
      price_include_override: selection('Included in Price', {
        tax_included: 'Tax Included',
        tax_excluded: 'Tax Excluded',
      }),
      tax_group_id: one('Tax Group', 'account.tax.group', required),
      country_id: one('Country', 'res.country', required),
      posted_on: one('Account of the tax, false: that of the line', 'account.account', { hidden: true }),
    },
  },
  {
    name: 'account.journal',
    label: 'Journal',
    order: 'sequence, type, code',
    searchName: ['name', 'code'],
    fields: {
      name: char('Journal Name', required),
      code: char('Sequence Prefix', required),
      type: selection(
        'Type',
        {
          sale: 'Sales',
          purchase: 'Purchase',
          cash: 'Cash',
          bank: 'Bank',
          credit: 'Credit Card',
          general: 'Miscellaneous',
        },
        required,
      ),
      active,
      sequence: integer('Sequence', { default: 10 }),
      default_account_id: one('Default Account', 'account.account'),
      suspense_account_id: one('Suspense Account', 'account.account'),
      sequence_override_regex: text('Sequence Override Regex'),
      currency_id: one('Currency', 'res.currency'),
      company_id: one('Company', 'res.company', required),
    },
  },
  {
    name: 'account.payment.method.line',
    label: 'Payment Methods',
    order: 'id',
    searchName: ['name'],
    fields: {
      name: char('Name'),
      payment_type: selection('Payment Type', { inbound: 'Inbound', outbound: 'Outbound' }),
      payment_account_id: one('Outstanding Account', 'account.account'),
      journal_id: one('Journal', 'account.journal', { index: true }),
    },
  },
  {
    name: 'ir.model.data',
    label: 'Model Data',
    order: 'module, model, name',
    searchName: ['name'],
    fields: {
      name: char('External Identifier', required),
      complete_name: char('Complete ID', { readonly: true, computed: true }),
      model: char('Model Name', required),
      module: char('Module', required),
      res_id: make('many2one_reference')('Record ID'),
      noupdate: boolean('Non Updatable'),
      reference: char('Reference', { readonly: true, computed: true }),
    },
  },
  {
    name: 'account.move',
    label: 'Journal Entry',
    order: 'date desc, name desc, invoice_date desc, id desc',
    searchName: ['name', 'ref'],
    fields: {
      name: char('Number', { index: true }),
      ref: char('Reference', { index: true }),
      date: date('Date', required),
      state: selection(
        'Status',
        { draft: 'Draft', posted: 'Posted', cancel: 'Cancelled' },
        { required: true, readonly: true, index: true, default: 'draft' },
      ),
      move_type: selection(
        'Type',
        {
          entry: 'Journal Entry',
          out_invoice: 'Customer Invoice',
          out_refund: 'Customer Credit Note',
          in_invoice: 'Vendor Bill',
          in_refund: 'Vendor Credit Note',
          out_receipt: 'Sales Receipt',
          in_receipt: 'Purchase Receipt',
        },
        { required: true, readonly: true, default: 'entry' },
      ),
      journal_id: one('Journal', 'account.journal', required),
      company_id: company,
      line_ids: lines('Journal Items', 'account.move.line', 'move_id'),
      checked: boolean('Reviewed'),
      invoice_line_ids: lines('Invoice lines', 'account.move.line', 'move_id'),
      invoice_date: date('Invoice/Bill Date'),
      invoice_date_due: date('Due Date'),
      partner_id: one('Partner', 'res.partner', { index: true }),
      payment_reference: char('Payment Reference'),
      narration: { type: 'html', string: 'Terms and Conditions' },
      currency_id: one('Currency', 'res.currency', required),
      invoice_currency_rate: float('Currency Rate'),
      invoice_origin: char('Origin'),
      amount_untaxed: monetary('Untaxed Amount', readonly),
      amount_tax: monetary('Tax', readonly),
      amount_total: monetary('Total', readonly),
      amount_residual: monetary('Amount Due', readonly),
      tax_totals: { type: 'binary', string: 'Invoice Totals', computed: true },
      invoice_payments_widget: {
        type: 'binary',
        string: 'Invoice Payments Widget',
        readonly: true,
        computed: true,
      },
      payment_state: selection(
        'Payment Status',
        {
          not_paid: 'Not Paid',
          in_payment: 'In Payment',
          paid: 'Paid',
          partial: 'Partially Paid',
          reversed: 'Reversed',
          blocked: 'Blocked',
          invoicing_legacy: 'Invoicing App Legacy',
        },
        readonly,
      ),
      reversed_entry_id: one('Reversal of', 'account.move', { index: true }),
      posted_before: boolean('Posted Before', readonly),
      sequence_prefix: char('Sequence Prefix', { readonly: true, index: true }),
      sequence_number: integer('Sequence Number', readonly),
      origin_payment_id: one('Payment', 'account.payment', { index: true }),
      stale: boolean('A line changed while posted', { hidden: true }),
    },
  },
  {
    name: 'account.move.line',
    label: 'Journal Item',
    order: 'date desc, move_name desc, id',
    searchName: ['name'],
    fields: {
      move_id: one('Journal Entry', 'account.move', { required: true, index: true }),
      move_name: char('Number', { related: 'move_id.name', readonly: true }),
      parent_state: char('Status', { related: 'move_id.state', readonly: true }),
      date: date('Date', { related: 'move_id.date', readonly: true }),
      ref: char('Reference', { related: 'move_id.ref', readonly: true }),
      journal_id: one('Journal', 'account.journal', { related: 'move_id.journal_id', readonly: true }),
      company_id: one('Company', 'res.company', { related: 'move_id.company_id', readonly: true }),
      partner_id: one('Partner', 'res.partner', { index: true }),
      account_id: one('Account', 'account.account'),
      account_type: char('Internal Type', { related: 'account_id.account_type', readonly: true }),
      name: char('Label'),
      sequence: integer('Sequence', { default: 10 }),
      quantity: float('Quantity', { default: 1 }),
      price_unit: float('Unit Price', { default: 0 }),
      discount: float('Discount (%)', { default: 0 }),
      price_subtotal: monetary('Subtotal', readonly),
      price_total: monetary('Total', readonly),
      tax_ids: many('Taxes', 'account.tax'),
      tax_line_id: one('Originator Tax', 'account.tax'),
      debit: monetary('Debit'),
      credit: monetary('Credit'),
      balance: monetary('Balance'),
      amount_currency: monetary('Amount in Currency'),
      currency_id: one('Currency', 'res.currency', required),
      amount_residual: monetary('Residual Amount', readonly),
      amount_residual_currency: monetary('Residual Amount in Currency', readonly),
      reconciled: boolean('Reconciled', readonly),
      date_maturity: date('Due Date'),
      display_type: selection(
        'Display Type',
        {
          product: 'Product',
          cogs: 'Cost of Goods Sold',
          tax: 'Tax',
          discount: 'Discount',
          rounding: 'Rounding',
          payment_term: 'Payment Term',
          line_section: 'Section',
          line_subsection: 'Subsection',
          line_note: 'Note',
          epd: 'Early Payment Discount',
          non_deductible_product_total: 'Non Deductible Products Total',
          non_deductible_product: 'Non Deductible Products',
          non_deductible_tax: 'Non Deductible Tax',
        },
        { required: true, default: 'product' },
      ),
    },
  },
  {
    name: 'account.partial.reconcile',
    label: 'Partial Reconcile',
    order: 'id',
    searchName: [],
    fields: {
      debit_move_id: one('Debit Move', 'account.move.line', { required: true, index: true }),
      credit_move_id: one('Credit Move', 'account.move.line', { required: true, index: true }),
      amount: monetary('Amount'),
      debit_amount_currency: monetary('Debit Amount Currency'),
      credit_amount_currency: monetary('Credit Amount Currency'),
    },
  },
  {
    name: 'account.payment',
    label: 'Payments',
    order: 'date desc, name desc',
    searchName: ['name'],
    fields: {
      name: char('Number'),
      date: date('Date', required),
      move_id: one('Journal Entry', 'account.move', { index: true }),
      journal_id: one('Journal', 'account.journal', required),
      company_id: company,
      state: selection(
        'State',
        {
          draft: 'Draft',
          in_process: 'In Process',
          paid: 'Paid',
          canceled: 'Canceled',
          rejected: 'Rejected',
        },
        { required: true, default: 'draft' },
      ),
      is_reconciled: boolean('Is Reconciled', { readonly: true, computed: true }),
      is_matched: boolean('Is Matched With a Bank Statement', readonly),
      payment_method_line_id: one('Payment Method', 'account.payment.method.line'),
      amount: monetary('Amount', { default: 0 }),
      payment_type: selection(
        'Payment Type',
        { outbound: 'Send', inbound: 'Receive' },
        { required: true, default: 'inbound' },
      ),
      partner_type: selection(
        'Partner Type',
        { customer: 'Customer', supplier: 'Vendor' },
        { required: true, default: 'customer' },
      ),
      memo: char('Memo'),
      payment_reference: char('Payment Reference'),
      currency_id: one('Currency', 'res.currency'),
      partner_id: one('Customer/Vendor', 'res.partner', { index: true }),
      invoice_ids: many('Invoices', 'account.move'),
      reconciled_invoice_ids: many('Reconciled Invoices', 'account.move', { readonly: true, computed: true }),
    },
  },
  {
    name: 'account.payment.register',
    label: 'Pay',
    order: 'id',
    searchName: [],
    fields: {
      payment_date: date('Payment Date', required),
      amount: monetary('Amount'),
      communication: char('Memo'),
      group_payment: boolean('Group Payments'),
      currency_id: one('Currency', 'res.currency'),
      journal_id: one('Journal', 'account.journal'),
      payment_method_line_id: one('Payment Method', 'account.payment.method.line'),
      payment_difference: monetary('Payment Difference', readonly),
      payment_difference_handling: selection(
        'Payment Difference Handling',
        { open: 'Keep open', reconcile: 'Mark as fully paid' },
        { default: 'open' },
      ),
      writeoff_account_id: one('Difference Account', 'account.account'),
      writeoff_label: char('Journal Item Label'),
      payment_type: selection('Payment Type', { outbound: 'Send Money', inbound: 'Receive Money' }),
      partner_type: selection('Partner Type', { customer: 'Customer', supplier: 'Vendor' }),
      partner_id: one('Customer/Vendor', 'res.partner'),
      line_ids: many('Journal items', 'account.move.line'),
    },
  },
  {
    name: 'account.move.reversal',
    label: 'Account Move Reversal',
    order: 'id',
    searchName: [],
    fields: {
      move_ids: many('Move', 'account.move'),
      date: date('Reversal date'),
      reason: char('Reason displayed on Credit Note'),
      journal_id: one('Journal', 'account.journal', required),
    },
  },
];

const stamps: Record<string, Field> = {
  id: { type: 'integer', string: 'ID', readonly: true },
  display_name: { type: 'char', string: 'Display Name', readonly: true, computed: true },
  create_date: { type: 'datetime', string: 'Created on', readonly: true },
  write_date: { type: 'datetime', string: 'Last Updated on', readonly: true, index: true },
};

export const models: ReadonlyMap<string, Model> = new Map(
  defined.map(model => [model.name, { ...model, fields: { ...stamps, ...model.fields } }]),
);

/** True for a field that is a column of its model's table. */
export function isColumn(field: Field): boolean {
  return (
    field.type !== 'one2many' &&
    field.type !== 'many2many' &&
    field.related === undefined &&
    field.computed !== true
  );
}

export const tableOf = (model: string): string => model.replaceAll('.', '_');
/** The table that holds a many2many. */
export const linkTableOf = (model: string, field: string): string => `${tableOf(model)}__${field}`;

export const modelsByTable: ReadonlyMap<string, Model> = new Map(
  [...models.values()].map(model => [tableOf(model.name), model]),
);
