import type { Database } from '../sqlite.ts';
import { isColumn, linkTableOf, models, tableOf, type Field } from './models.ts';

const sqlTypes: Partial<Record<Field['type'], string>> = {
  boolean: 'INTEGER',
  integer: 'INTEGER',
  many2one: 'INTEGER',
  many2one_reference: 'INTEGER',
  float: 'REAL',
  monetary: 'REAL',
};

/** Makes the tables and indexes that are missing; a file of an older model gains its new columns. */
export function createTables(database: Database): void {
  for (const model of models.values()) {
    const table = tableOf(model.name);
    database.exec(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY AUTOINCREMENT)`);
    const present = new Set(database.all(`PRAGMA table_info(${table})`).map(row => row['name']));
    for (const [name, field] of Object.entries(model.fields)) {
      if (field.type === 'many2many' && field.computed !== true) createLinks(database, model.name, name);
      if (!isColumn(field) || name === 'id') continue;
      if (!present.has(name)) {
        database.exec(`ALTER TABLE ${table} ADD COLUMN "${name}" ${sqlTypes[field.type] ?? 'TEXT'}`);
      }
      if (field.index === true) {
        database.exec(`CREATE INDEX IF NOT EXISTS ${table}_${name} ON ${table} ("${name}")`);
      }
    }
  }
  database.exec(`
    CREATE UNIQUE INDEX IF NOT EXISTS ir_model_data_module_name ON ir_model_data (module, name);
    CREATE INDEX IF NOT EXISTS ir_model_data_record ON ir_model_data (model, res_id);
    CREATE INDEX IF NOT EXISTS account_move_sequence
      ON account_move (journal_id, sequence_prefix, sequence_number);
    CREATE INDEX IF NOT EXISTS account_move_journal_date ON account_move (journal_id, date);
    CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)`);
}

function createLinks(database: Database, model: string, field: string): void {
  const table = linkTableOf(model, field);
  database.exec(`
    CREATE TABLE IF NOT EXISTS ${table} (source INTEGER, target INTEGER, PRIMARY KEY (source, target));
    CREATE INDEX IF NOT EXISTS ${table}_target ON ${table} (target)`);
}
