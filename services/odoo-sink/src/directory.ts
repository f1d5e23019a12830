import { KeelsonError, misconfigured } from '@keelson/contracts';
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

  // Without a mapping a tax is taken when it is the only one of its rate; between two nobody guesses.
  const byRate = (rate: string): OdooTax | undefined => {
    const fitting = taxes.filter(tax => !tax.price_include && tax.amount === Number(rate));
    return (
      mapped.get(String(Number(rate))) ??
      (fitting.length === 1 && fitting[0] !== undefined ? taxOf(fitting[0]) : undefined)
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
        const rate = rateOf(tax, line);
        // At no charge and without a rate there is nothing that Odoo must compute.
        if (rate === null) continue;
        const match = byRate(rate);
        if (match !== undefined) found.push(match);
        else if (tax.amount.amount_minor !== 0n) return { missing: `${rate} %` };
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

/** The issuer's rate; where it sent amounts alone, what they amount to, to two decimals. */
function rateOf(tax: TaxLine, line: FactInvoiceLine): string | null {
  if (tax.rate !== null) return tax.rate;
  const base = (tax.base ?? line.net).amount_minor;
  if (tax.amount.amount_minor === 0n || base === 0n) return null;
  return String(Math.round((Number(tax.amount.amount_minor) / Number(base)) * 10_000) / 100);
}
