/** A plain client of JSON-2 for checkers and suites: it knows the public interface and nothing else. */
export type OdooTarget = { url: string; database: string; apiKey: string };
export type Answer = { status: number; body: unknown };
type Rec = Record<string, unknown>;

/** One call, whatever comes back. */
export async function callOdoo(
  target: OdooTarget,
  model: string,
  method: string,
  body: unknown,
): Promise<Answer> {
  const response = await fetch(`${target.url}/json/2/${model}/${method}`, {
    method: 'POST',
    headers: {
      authorization: `bearer ${target.apiKey}`,
      'content-type': 'application/json',
      'x-odoo-database': target.database,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** The result of a call; throws when the answer is not 200. */
export async function odooResult(
  target: OdooTarget,
  model: string,
  method: string,
  body: unknown,
): Promise<unknown> {
  const { status, body: result } = await callOdoo(target, model, method, body);
  if (status === 200) return result;
  const message = (result as { message?: string } | null)?.message ?? '';
  throw new Error(`${model}/${method} answered ${String(status)}: ${message}`);
}

/** Reads every record that matches, 1,000 at a time by id, archived ones too, with its first external id. */
async function readAll(
  target: OdooTarget,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): Promise<Rec[]> {
  const all: Rec[] = [];
  for (let last = 0; ;) {
    const page = (await odooResult(target, model, 'search_read', {
      domain: [...domain, ['id', '>', last]],
      fields,
      limit: 1000,
      order: 'id',
      context: { active_test: false },
    })) as Rec[];
    if (page.length === 0) return all;
    const ids = page.map(record => record['id'] as number);
    const external = (await odooResult(target, model, 'get_external_id', { ids })) as Record<string, string>;
    all.push(...page.map(record => ({ ...record, external_id: external[String(record['id'])] ?? '' })));
    last = ids.at(-1) ?? last;
  }
}

const partnerFields = [
  'name',
  'ref',
  'vat',
  'email',
  'phone',
  'street',
  'street2',
  'city',
  'zip',
  'country_id',
  'lang',
  'is_company',
  'parent_id',
  'active',
];
const moveFields = [
  'name',
  'ref',
  'state',
  'move_type',
  'date',
  'invoice_date',
  'invoice_date_due',
  'partner_id',
  'journal_id',
  'currency_id',
  'amount_untaxed',
  'amount_tax',
  'amount_total',
  'amount_residual',
  'payment_state',
  'payment_reference',
  'reversed_entry_id',
  'invoice_line_ids',
];

/** Every partner with its external id. */
export const readAllPartners = (
  target: OdooTarget,
  fields: readonly string[] = partnerFields,
): Promise<Rec[]> => readAll(target, 'res.partner', [], fields);

/** Every journal entry with its external id. */
export const readAllMoves = (target: OdooTarget, fields: readonly string[] = moveFields): Promise<Rec[]> =>
  readAll(target, 'account.move', [], fields);
