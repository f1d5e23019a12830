import { modelOf } from './domain.ts';
import type { Env } from './env.ts';
import { valueError } from './errors.ts';
import { recordOf } from './external-ids.ts';
import { externalIdKey } from './invoice-lines.ts';
import { byDatabaseId, convertCell, convertReference, type Cell, type CellProblem } from './load-convert.ts';

export type Column = readonly string[];
/** A record of the file: its own row and those that only go on with its one2many. */
export type Block = { from: number; to: number; rows: readonly unknown[][] };

export type Converted = {
  externalId: string | undefined;
  databaseId: number | undefined;
  values: Record<string, unknown>;
  problems: (CellProblem & { field: string; label: string | undefined })[];
};

const isBlank = (cell: unknown): boolean =>
  cell === '' || cell === null || cell === undefined || cell === false;

const isLines = (model: string, name: string | undefined): boolean =>
  name !== undefined && modelOf(model).fields[name]?.type === 'one2many';

/** Splits `fields` into paths; an unknown one is an error of the call, not of a row. */
export function parseColumns(model: string, fields: readonly string[]): Column[] {
  const columns = fields.map(field => field.split('/'));
  for (const [name = '', ...rest] of columns) {
    if (name === 'id' || name === '.id') continue;
    const field = modelOf(model).fields[name];
    if (field === undefined) throw valueError(`Invalid field name '${name}'`);
    if (rest.length > 0 && isLines(model, name)) parseColumns(field.relation ?? '', [rest.join('/')]);
  }
  return columns;
}

/** Groups rows to records: a row with nothing but one2many cells goes on with the record before it. */
export function blocksOf(model: string, columns: readonly Column[], rows: readonly unknown[][]): Block[] {
  const blocks: { from: number; to: number; rows: unknown[][] }[] = [];
  rows.forEach((row, index) => {
    const own = columns.some(([name], position) => !isLines(model, name) && !isBlank(row[position]));
    const continues =
      !own && columns.some(([name], position) => isLines(model, name) && !isBlank(row[position]));
    const last = blocks.at(-1);
    if (continues && last !== undefined) {
      last.rows.push(row);
      last.to = index;
    } else blocks.push({ from: index, to: index, rows: [row] });
  });
  return blocks;
}

/** Turns a block into values for create or write, with every cell that does not fit. */
export function convertBlock(env: Env, model: string, columns: readonly Column[], block: Block): Converted {
  const result: Converted = { externalId: undefined, databaseId: undefined, values: {}, problems: [] };
  const [row = []] = block.rows;
  const nested = new Set<string>();
  columns.forEach(([name = '', by], position) => {
    const cell = row[position];
    if (name === 'id') result.externalId = isBlank(cell) ? undefined : String(cell);
    else if (name === '.id') takeDatabaseId(env, model, cell, result);
    else if (isLines(model, name)) nested.add(name);
    else take(result, model, name, convert(env, model, name, by, cell));
  });
  for (const name of nested) takeLines(env, model, name, columns, block, result);
  // With both, the database id is not looked at.
  if (result.externalId !== undefined) {
    result.databaseId = undefined;
    result.problems = result.problems.filter(problem => problem.field !== '.id');
  }
  return result;
}

function convert(env: Env, model: string, name: string, by: string | undefined, cell: unknown): Cell {
  const field = modelOf(model).fields[name];
  if (field === undefined) throw valueError(`Invalid field name '${name}'`);
  if (field.type === 'many2one') return convertReference(env, field, by, cell);
  if (field.type !== 'many2many') return convertCell(env, model, name, field, cell);
  const parts = isBlank(cell) ? [] : String(cell).split(',');
  const ids: unknown[] = [];
  for (const part of parts) {
    const found = convertReference(env, field, by, part.trim());
    if ('problem' in found) return found;
    ids.push(found.value);
  }
  return { value: [[6, 0, ids]] };
}

function take(result: Converted, model: string, name: string, cell: Cell): void {
  if ('value' in cell) result.values[name] = cell.value;
  else result.problems.push({ ...cell.problem, field: name, label: modelOf(model).fields[name]?.string });
}

function takeDatabaseId(env: Env, model: string, cell: unknown, result: Converted): void {
  if (isBlank(cell)) return;
  const text = String(cell);
  result.databaseId = byDatabaseId(env, model, text);
  if (result.databaseId !== undefined) return;
  result.problems.push({ message: `Unknown database identifier '${text}'`, field: '.id', label: undefined });
}

/** A line with an external id that exists is changed; any other is added, every time anew. */
function takeLines(
  env: Env,
  model: string,
  name: string,
  columns: readonly Column[],
  block: Block,
  result: Converted,
): void {
  const relation = modelOf(model).fields[name]?.relation ?? '';
  const positions = columns.flatMap(([head], position) => (head === name ? [position] : []));
  const inner = positions.map(position => (columns[position] ?? []).slice(1));
  const commands: unknown[] = [];
  for (const row of block.rows) {
    const cells = positions.map(position => row[position]);
    if (cells.every(isBlank)) continue;
    const line = convertBlock(env, relation, inner, { from: 0, to: 0, rows: [cells] });
    for (const problem of line.problems) {
      result.problems.push({ ...problem, field: name, label: modelOf(model).fields[name]?.string });
    }
    const known = line.externalId === undefined ? line.databaseId : recordOf(env, line.externalId, relation);
    if (known !== undefined) commands.push([1, known, line.values]);
    else
      commands.push([
        0,
        0,
        { ...line.values, ...(line.externalId === undefined ? {} : { [externalIdKey]: line.externalId }) },
      ]);
  }
  if (commands.length > 0) result.values[name] = commands;
}
