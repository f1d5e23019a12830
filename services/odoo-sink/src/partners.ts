import type { CustomerState } from '@keelson/contracts';
import { anyOf, findNamed } from './client/find.ts';
import type { Odoo } from './client/json2.ts';
import { loadRecords } from './client/load.ts';
import type { LoadResult } from './client/load.ts';
import { externalIdOf } from './records/external-id.ts';
import { partnerReadFields, partnerRecord } from './records/partner.ts';
import type { PartnerCells, PartnerRow } from './records/partner.ts';
import { refusal } from './records/refusal.ts';
import type { Refusal } from './records/refusal.ts';
import { readStamp, stampPattern, stampText } from './records/stamp.ts';

/** Finds customers' partners, archived ones too: by the stamp in `ref`, confirmed by the external id. */
export async function findPartners(
  odoo: Odoo,
  module: string,
  customerIds: readonly string[],
): Promise<Map<string, PartnerRow>> {
  const found = new Map<string, PartnerRow>();
  if (customerIds.length === 0) return found;
  const stamped = anyOf(customerIds.map(id => ['ref', '=like', stampPattern(id)]));
  for (const { row, externalId } of await findNamed<PartnerRow>(
    odoo,
    'res.partner',
    stamped,
    partnerReadFields,
  )) {
    const { customerId } = readStamp(row.ref);
    if (externalId === externalIdOf(module, 'customer', customerId)) found.set(customerId, row);
  }
  return found;
}

export interface PartnerChange {
  readonly customer: CustomerState;
  readonly cells: PartnerCells;
}

export type PartnerOutcome =
  | { readonly id: number; readonly values: Readonly<Record<string, string>> }
  | { readonly refused: Refusal }
  | { readonly unknown: string };

/** Creates and updates partners in as few calls as can be, and reads them back. By customer id. Never deletes. */
export async function writePartners(
  odoo: Odoo,
  module: string,
  changes: readonly PartnerChange[],
): Promise<Map<string, PartnerOutcome>> {
  const written = await load(odoo, module, changes);
  const again = changes.filter((change, index) => isRefused(written[index]) && Boolean(change.cells.vat));
  const withoutVat = await load(odoo, module, again.map(leaveOutVat));
  const result = (change: PartnerChange, index: number): LoadResult =>
    (again.includes(change) ? withoutVat[again.indexOf(change)] : written[index]) as LoadResult;
  const results = changes.map(result);
  const held = await readBack(odoo, results);
  return new Map(
    changes.map((change, index) => {
      const done = results[index] as LoadResult;
      return [
        change.customer.customer_id,
        'refused' in done
          ? refusal('odoo_refused', done.refused)
          : outcomeOf(change, held.get(done.id), again.includes(change)),
      ];
    }),
  );
}

const load = (
  odoo: Odoo,
  module: string,
  changes: readonly PartnerChange[],
): Promise<readonly LoadResult[]> =>
  loadRecords(
    odoo,
    'res.partner',
    changes.map(({ customer, cells }) => partnerRecord(module, customer, cells)),
  );

const isRefused = (result: LoadResult | undefined): boolean => result !== undefined && 'refused' in result;

/** A number that Odoo's check of tax ids refuses must not keep the customer out. */
function leaveOutVat({ customer, cells }: PartnerChange): PartnerChange {
  return {
    customer,
    cells: Object.fromEntries(Object.entries(cells).filter(([column]) => column !== 'vat')),
  };
}

type Held = Pick<PartnerRow, 'id' | 'ref' | 'active'>;

async function readBack(odoo: Odoo, results: readonly LoadResult[]): Promise<Map<number, Held>> {
  const ids = results.flatMap(result => ('id' in result ? [result.id] : []));
  if (ids.length === 0) return new Map();
  const rows = await odoo.read<readonly Held[]>('res.partner', 'read', { ids, fields: ['ref', 'active'] });
  return new Map(rows.map(row => [row.id, row]));
}

function outcomeOf({ customer }: PartnerChange, held: Held | undefined, vatLeftOut: boolean): PartnerOutcome {
  const { customer_id: customerId, version } = customer;
  if (held?.ref !== stampText({ customerId, version }))
    return { unknown: 'written, and not read back as it was written' };
  return { id: held.id, values: partnerValues(held, vatLeftOut) };
}

/** What a receipt tells of a partner: nothing personal, for receipts are kept. */
export const partnerValues = (
  { ref, active }: Pick<PartnerRow, 'ref' | 'active'>,
  vatLeftOut = false,
): Readonly<Record<string, string>> => ({
  version: String(readStamp(ref).version),
  active: String(active),
  ...(vatLeftOut ? { vat: 'left out: Odoo refuses it' } : {}),
});
