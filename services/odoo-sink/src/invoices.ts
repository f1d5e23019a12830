import { KeelsonError } from '@keelson/contracts';
import { findNamed } from './client/find.ts';
import type { Odoo } from './client/json2.ts';
import { loadRecords } from './client/load.ts';
import { draftRecord } from './records/draft-record.ts';
import type { InvoiceDocument } from './records/invoice.ts';
import { draftReadFields, judgeDraft } from './records/judge-draft.ts';
import { moveReadFields, refusalOfFinal } from './records/move.ts';
import type { MoveRow } from './records/move.ts';
import { refusal } from './records/refusal.ts';
import type { Refusal } from './records/refusal.ts';

export interface FoundMoves {
  /** Our documents by their external id. */
  readonly ours: ReadonlyMap<string, MoveRow>;
  /** Numbers that stand on a posted move of somebody else, by journal and number. */
  readonly taken: ReadonlySet<string>;
}

export const numberKey = (journalId: number, number: string): string => `${journalId} ${number}`;

/** Documents that are there already: by number, or by origin where a person renamed the draft; confirmed by external id. */
export async function findInvoices(odoo: Odoo, documents: readonly InvoiceDocument[]): Promise<FoundMoves> {
  const ours = new Map<string, MoveRow>();
  const taken = new Set<string>();
  if (documents.length === 0) return { ours, taken };
  const wanted = new Set(documents.map(({ externalId }) => externalId));
  const domain = [
    ['move_type', 'in', ['out_invoice', 'out_refund']],
    '|',
    ['name', 'in', documents.map(({ number }) => number)],
    ['invoice_origin', 'in', documents.map(({ origin }) => origin)],
  ];
  for (const { row, externalId } of await findNamed<MoveRow>(odoo, 'account.move', domain, moveReadFields)) {
    if (wanted.has(externalId)) ours.set(externalId, row);
    else if (row.state === 'posted') taken.add(numberKey(row.journal_id[0], String(row.name)));
  }
  return { ours, taken };
}

/** One document to be made, with its customer's partner. */
export interface InvoiceTask {
  readonly document: InvoiceDocument;
  readonly partner: { readonly id: number; readonly externalId: string };
  /** The draft that was found. */
  readonly moveId: number | undefined;
}

export type InvoiceOutcome = { readonly row: MoveRow } | { readonly refused: Refusal };

/**
 * Draft with lines once, tax to the cent, post, read back; all documents in as few calls as can be. Every step may be
 * entered again: after whatever ended it, the next time begins with what Odoo has. One outcome a task, in order.
 */
export async function makeInvoices(
  odoo: Odoo,
  tasks: readonly InvoiceTask[],
  toleranceMinor: number,
): Promise<readonly InvoiceOutcome[]> {
  const refusals = new Map<InvoiceTask, Refusal>();
  const ids = await draftAll(odoo, tasks, refusals);
  const drafts = await readMoves(odoo, [...ids.values()], draftReadFields);
  const toPost = await settleAll(odoo, ids, drafts, toleranceMinor, refusals);
  const postRefusals = await postDrafts(odoo, toPost);
  const after = await readMoves(odoo, toPost, moveReadFields);
  return tasks.map(task => {
    const early = refusals.get(task);
    if (early !== undefined) return { refused: early };
    const id = ids.get(task) ?? -1;
    const row = after.get(id) ?? drafts.get(id);
    if (row === undefined) return refusal('odoo_lost', `Odoo no longer has ${task.document.externalId}`);
    const late = refusalOfFinal(task.document, row);
    if (late === undefined) return { row };
    return { refused: row.state === 'draft' ? (postRefusals.get(id) ?? late) : late };
  });
}

/** Loads those that are not there. What `load` refuses because it was posted meanwhile is there. */
async function draftAll(
  odoo: Odoo,
  tasks: readonly InvoiceTask[],
  refusals: Map<InvoiceTask, Refusal>,
): Promise<Map<InvoiceTask, number>> {
  const ids = new Map(
    tasks.flatMap(task => (task.moveId === undefined ? [] : [[task, task.moveId] as const])),
  );
  const absent = tasks.filter(({ moveId }) => moveId === undefined);
  const loaded = await loadRecords(
    odoo,
    'account.move',
    absent.map(({ document, partner }) => draftRecord(document, partner.externalId)),
  );
  const refused = new Map<InvoiceTask, string>();
  for (const [index, task] of absent.entries()) {
    const result = loaded[index];
    if (result !== undefined && 'id' in result) ids.set(task, result.id);
    else refused.set(task, result?.refused ?? 'no answer');
  }
  const { ours } = await findInvoices(
    odoo,
    [...refused.keys()].map(({ document }) => document),
  );
  for (const [task, reason] of refused) {
    const row = ours.get(task.document.externalId);
    if (row === undefined || row.state === 'draft') refusals.set(task, { code: 'odoo_refused', reason });
    else ids.set(task, row.id);
  }
  return ids;
}

/** Reads moves by their id; those given only. */
async function readMoves(
  odoo: Odoo,
  ids: readonly number[],
  fields: readonly string[],
): Promise<Map<number, MoveRow>> {
  if (ids.length === 0) return new Map();
  const rows = await odoo.read<readonly MoveRow[]>('account.move', 'read', { ids, fields });
  return new Map(rows.map(row => [row.id, row]));
}

/** Makes drafts what they must be, and gives the ids of those that may be posted. */
async function settleAll(
  odoo: Odoo,
  ids: ReadonlyMap<InvoiceTask, number>,
  drafts: ReadonlyMap<number, MoveRow>,
  toleranceMinor: number,
  refusals: Map<InvoiceTask, Refusal>,
): Promise<readonly number[]> {
  const ready: number[] = [];
  const amended: [InvoiceTask, number][] = [];
  for (const [task, id] of ids) {
    const row = drafts.get(id);
    if (row?.state !== 'draft') continue;
    const verdict = judgeDraft(task.document, row, task.partner.id, toleranceMinor);
    if ('refused' in verdict) refusals.set(task, verdict.refused);
    else if ('ready' in verdict) ready.push(id);
    else {
      await odoo.change('account.move', 'write', { ids: [id], vals: verdict.amend });
      amended.push([task, id]);
    }
  }
  const rows = await readMoves(
    odoo,
    amended.map(([, id]) => id),
    draftReadFields,
  );
  for (const [task, id] of amended) {
    const row = rows.get(id);
    const verdict = row && judgeDraft(task.document, row, task.partner.id, toleranceMinor);
    if (verdict !== undefined && 'ready' in verdict) ready.push(id);
    else
      refusals.set(
        task,
        verdict !== undefined && 'refused' in verdict
          ? verdict.refused
          : { code: 'not_amended', reason: 'Odoo did not take the issuer’s number or tax; it stays a draft' },
      );
  }
  return ready;
}

/** Posts drafts in one call; a refused batch is halved, so that only the bad ones are refused. */
async function postDrafts(odoo: Odoo, ids: readonly number[]): Promise<Map<number, Refusal>> {
  if (ids.length === 0) return new Map();
  try {
    await odoo.change('account.move', 'action_post', { ids });
    return new Map();
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.kind !== 'rejected') throw error;
    const { code, message: reason } = error;
    if (ids.length === 1) return new Map(ids.map(id => [id, { code, reason }]));
    const middle = Math.ceil(ids.length / 2);
    const first = await postDrafts(odoo, ids.slice(0, middle));
    const second = await postDrafts(odoo, ids.slice(middle));
    return new Map([...first, ...second]);
  }
}
