import { KeelsonError, misconfigured } from '@keelson/contracts';
import type { OdooTarget } from '@keelson/contracts';
import type { PortContext } from '@keelson/sink';
import type { Odoo, OdooClient } from './client/json2.ts';
import type { InvoiceLookups } from './records/invoice.ts';
import { languageCodeOf } from './records/languages.ts';
import type { LanguageRow } from './records/languages.ts';
import type { PartnerLookups } from './records/partner.ts';
import { createTaxBook } from './records/taxes.ts';
import type { TaxRow } from './records/taxes.ts';

/** What this Odoo has that records refer to. */
export interface Directory extends PartnerLookups, InvoiceLookups {
  readonly version: string;
  /** The company of the journal: the only one that this sink sees and writes. */
  readonly companyId: number;
}

interface JournalRow {
  readonly id: number;
  readonly code: string;
  readonly company_id: readonly [number, string];
  readonly sequence_override_regex: string | false;
}

/**
 * Reads the directory. Throws `misconfigured` with every fault: an Odoo too old, a right missing, no sale journal or more
 * than one to choose from, a mapped tax that is not there.
 */
export async function readDirectory(
  client: OdooClient,
  target: OdooTarget,
  context: PortContext,
): Promise<Directory> {
  const faults: string[] = [];
  const version = await client.version(context);
  if (!speaksJson2(version)) faults.push(`it is Odoo ${version}; JSON-2 comes with 19`);
  const every = client.session(context);
  for (const model of ['res.partner', 'account.move'])
    for (const operation of ['create', 'write'])
      if (!(await mayDo(every, model, operation)))
        faults.push(`the user of the key may not ${operation} ${model}`);
  const journals = await listOf<JournalRow>(
    every,
    faults,
    'account.journal',
    [['type', '=', 'sale']],
    ['code', 'company_id', 'sequence_override_regex'],
  );
  const journal = chosen(journals, target.journal, faults);
  const odoo = client.session(context, journal?.company_id[0]);
  const countries = await listOf<{ id: number; code: string }>(odoo, faults, 'res.country', [], ['code']);
  const currencies = await listOf<{ id: number; name: string }>(odoo, faults, 'res.currency', onlyActive, [
    'name',
  ]);
  const languages = await listOf<LanguageRow>(odoo, faults, 'res.lang', onlyActive, ['code', 'iso_code']);
  const taxRows = await listOf<TaxRow>(odoo, faults, 'account.tax', saleTaxes, [
    'name',
    'amount',
    'price_include',
    'tax_group_id',
  ]);
  const taxBook = createTaxBook(target, taxRows);
  faults.push(...taxBook.faults);
  if (faults.length > 0 || journal === undefined)
    throw misconfigured('odoo_setup', [`Odoo at ${target.url}:`, ...faults].join('\n  '));

  const countryIds = new Map(countries.map(({ id, code }) => [code, id]));
  const currencyIds = new Map(currencies.map(({ id, name }) => [name, id]));
  return {
    version,
    companyId: journal.company_id[0],
    journalId: journal.id,
    readsDates: journal.sequence_override_regex === false,
    countryId: code => countryIds.get(code),
    currencyId: code => currencyIds.get(code),
    languageCode: language => languageCodeOf(languages, language),
    taxesOf: line => taxBook.taxesOf(line),
  };
}

const onlyActive = [['active', '=', true]];
const saleTaxes = [
  ['type_tax_use', '=', 'sale'],
  ['amount_type', '=', 'percent'],
];

/** 19.0, saas~19.2, 20.0 … */
const speaksJson2 = (version: string): boolean => Number(/\d+/.exec(version)?.[0] ?? 0) >= 19;

const mayDo = (odoo: Odoo, model: string, operation: string): Promise<boolean> =>
  odoo.read<boolean>(model, 'has_access', { ids: [], operation });

function chosen(
  journals: readonly JournalRow[],
  code: string | undefined,
  faults: string[],
): JournalRow | undefined {
  const fitting = journals.filter(journal => code === undefined || journal.code === code);
  const which = code === undefined ? 'sale journal' : `sale journal ${code}`;
  if (fitting.length === 0) faults.push(`there is no ${which}`);
  if (fitting.length > 1)
    faults.push(
      `there is more than one ${which} (${fitting.map(journal => `${journal.code} of ${journal.company_id[1]}`).join(', ')}): name one in targets.yaml, and give the user one company`,
    );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** What can't be read is a fault, too; only an Odoo that is away is not. */
async function listOf<Row>(
  odoo: Odoo,
  faults: string[],
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): Promise<readonly Row[]> {
  try {
    return await odoo.read<readonly Row[]>(model, 'search_read', { domain, fields, order: 'id' });
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.kind === 'unavailable') throw error;
    faults.push(error.message);
    return [];
  }
}
