import { KeelsonError, misconfigured, toDecimal } from '@keelson/contracts';
import type { FactInvoiceLine, OdooTarget, TaxLine } from '@keelson/contracts';
import type { OdooClient } from './client/json2.ts';

/** A sale tax of Odoo that is computed on top of the price. */
interface OdooTax {
  readonly id: number;
  readonly name: string;
  readonly amount: number;
  readonly groupId: number;
}

/** What this Odoo has that documents refer to; read once, when the sink starts. */
export interface Directory {
  readonly version: string;
  readonly journalId: number;
  countryId(code: string): number | undefined;
  /** Active currencies only. */
  currencyId(code: string): number | undefined;
  /** Odoo's taxes for a line as its issuer charged it, or the charge that no tax of this Odoo stands for. */
  taxesOf(line: FactInvoiceLine): { readonly taxes: readonly OdooTax[] } | { readonly missing: string };
}

interface TaxRow {
  readonly id: number;
  readonly name: string;
  readonly amount: number;
  readonly price_include: boolean;
  readonly tax_group_id: readonly [number, string];
}

/** Reads the directory. Throws `misconfigured` with every fault: no sale journal, a mapped tax that is not there, a right missing. */
export async function readDirectory(
  client: OdooClient,
  target: OdooTarget,
  signal: AbortSignal,
): Promise<Directory> {
  const faults: string[] = [];
  const list = async <Row>(model: string, domain: unknown[], fields: string[]): Promise<Row[]> => {
    try {
      return (await client.call(
        model,
        'search_read',
        { domain, fields, order: 'id' },
        { signal, changes: false },
      )) as Row[];
    } catch (error) {
      if (!(error instanceof KeelsonError) || error.kind === 'unavailable') throw error;
      faults.push(error.message);
      return [];
    }
  };
  const version = await client.version(signal);
  const countries = await list<{ id: number; code: string }>('res.country', [], ['code']);
  const currencies = await list<{ id: number; name: string }>(
    'res.currency',
    [['active', '=', true]],
    ['name'],
  );
  const journals = await list<{ id: number }>('account.journal', [['type', '=', 'sale']], ['code']);
  const taxes = await list<TaxRow>(
    'account.tax',
    [
      ['type_tax_use', '=', 'sale'],
      ['amount_type', '=', 'percent'],
    ],
    ['name', 'amount', 'price_include', 'tax_group_id'],
  );
  const journalId = journals[0]?.id;
  if (journalId === undefined && faults.length === 0) faults.push('there is no sale journal');
  const mapped = new Map<string, OdooTax>();
  for (const { rate, odoo_tax: name } of target.taxes) {
    const found = taxes.find(tax => tax.name === name && !tax.price_include);
    if (found === undefined)
      faults.push(
        `targets.yaml maps ${rate} % to the tax "${name}", which is no active sale tax computed on top of the price`,
      );
    else mapped.set(String(Number(rate)), taxOf(found));
  }
  if (faults.length > 0 || journalId === undefined)
    throw misconfigured(
      'odoo_setup',
      `Odoo at ${target.url}:\n${faults.map(fault => `  ${fault}`).join('\n')}`,
    );

  // Without a mapping a tax is taken when it is the only one that fits; between two nobody guesses.
  const onTop = taxes.filter(tax => !tax.price_include);
  const only = (fitting: readonly TaxRow[]): OdooTax | undefined =>
    fitting.length === 1 && fitting[0] !== undefined ? taxOf(fitting[0]) : undefined;
  // A rate that the source had to work out from the amounts may be a little off: then the amounts decide.
  const taxFor = (tax: TaxLine, line: FactInvoiceLine): OdooTax | undefined => {
    const rate = tax.rate === null ? undefined : Number(tax.rate);
    return (
      (rate === undefined ? undefined : mapped.get(String(rate))) ??
      only(onTop.filter(({ amount }) => amount === rate)) ??
      only(onTop.filter(({ amount }) => amountsTo(tax, line, amount, target.tax_tolerance_minor)))
    );
  };
  const countryIds = new Map(countries.map(({ id, code }) => [code, id]));
  const currencyIds = new Map(currencies.map(({ id, name }) => [name, id]));
  return {
    version,
    journalId,
    countryId: code => countryIds.get(code),
    currencyId: code => currencyIds.get(code),
    taxesOf: line => {
      const found: OdooTax[] = [];
      for (const tax of line.taxes) {
        // At no charge and without a rate there is nothing that Odoo must compute.
        if (tax.rate === null && tax.amount.amount_minor === 0n) continue;
        const match = taxFor(tax, line);
        if (match !== undefined) found.push(match);
        else if (tax.amount.amount_minor !== 0n) return { missing: describe(tax, line) };
      }
      return { taxes: found };
    },
  };
}

const taxOf = ({ id, name, amount, tax_group_id: [groupId] }: TaxRow): OdooTax => ({
  id,
  name,
  amount,
  groupId,
});

const baseOf = (tax: TaxLine, line: FactInvoiceLine): number => Number((tax.base ?? line.net).amount_minor);

/** Older invoices name a tax by its amount alone: it is the one whose rate gives that amount, to the policy's tolerance. */
function amountsTo(tax: TaxLine, line: FactInvoiceLine, percent: number, toleranceMinor: number): boolean {
  return Math.abs((baseOf(tax, line) * percent) / 100 - Number(tax.amount.amount_minor)) <= toleranceMinor;
}

const describe = (tax: TaxLine, line: FactInvoiceLine): string =>
  tax.rate === null
    ? `${toDecimal(tax.amount)} on ${toDecimal({ ...tax.amount, amount_minor: BigInt(baseOf(tax, line)) })}`
    : `${tax.rate} %`;
