import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaultBox } from '../faults.ts';
import type { Database, Row } from '../sqlite.ts';
import { upsertUser, type Outcome } from './users.ts';

export type Jobs = {
  /** Takes users to be made or changed, and answers the job's status at once. */
  submit(users: readonly unknown[]): Record<string, unknown>;
  status(id: string): Record<string, unknown> | undefined;
  /** Waits until no job is under way. */
  stop(): Promise<void>;
};

/** Jobs run after their request was answered, one by one; those a dead process left queued are run at start. */
export function startJobs(db: Database, faults: FaultBox, now: () => string): Jobs {
  db.exec(`CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, input TEXT NOT NULL, total INTEGER NOT NULL, results TEXT, finished_at TEXT)`);
  const stopping = new AbortController();
  let tail: Promise<void> = Promise.resolve();
  const enqueue = (id: string): void => {
    tail = tail.then(() => run(id)).catch(() => undefined);
  };
  const run = async (id: string): Promise<void> => {
    await wait(faults.now.jobDelayMs, undefined, { signal: stopping.signal });
    if (!stopping.signal.aborted) runJob(db, faults, id, now());
  };
  for (const row of db.all('SELECT id FROM jobs WHERE results IS NULL ORDER BY rowid'))
    enqueue(String(row['id']));
  return {
    submit: users => {
      const id = randomUUID().replaceAll('-', '');
      db.run('INSERT INTO jobs (id, input, total) VALUES (?, ?, ?)', id, JSON.stringify(users), users.length);
      enqueue(id);
      return shown(db.get('SELECT * FROM jobs WHERE id = ?', id) ?? {});
    },
    status: id => {
      if (faults.now.jobsExpired) return undefined;
      const row = db.get('SELECT * FROM jobs WHERE id = ?', id);
      return row === undefined ? undefined : shown(row);
    },
    stop: () => {
      stopping.abort();
      return tail;
    },
  };
}

function runJob(db: Database, faults: FaultBox, id: string, now: string): void {
  const row = db.get('SELECT input FROM jobs WHERE id = ?', id);
  const users = JSON.parse(String(row?.['input'])) as unknown[];
  db.transaction(() => {
    const results = users.map((user, index) => {
      const outcome: Outcome = faults.take('conflicts')
        ? { status: 'Failed', error: 'DatabaseConflict', details: 'Database collision' }
        : upsertUser(db, user, now);
      return resultOf(index, user, outcome);
    });
    db.run('UPDATE jobs SET results = ?, finished_at = ? WHERE id = ?', JSON.stringify(results), now, id);
    // The log is short: the last hundred jobs, as in the real one.
    db.run('DELETE FROM jobs WHERE results IS NOT NULL AND rowid <= (SELECT max(rowid) FROM jobs) - 100');
  });
}

function resultOf(index: number, input: unknown, outcome: Outcome): Record<string, unknown> {
  const { external_id: externalId } = (input ?? {}) as { external_id?: unknown };
  if (outcome.status === 'Failed')
    return { index, external_id: externalId ?? null, success: false, ...outcome };
  const { id, email } = outcome.user;
  return { index, id, external_id: externalId ?? null, email, success: true, status: outcome.status };
}

function shown(row: Row): Record<string, unknown> {
  const done = row['results'] !== null;
  return {
    id: row['id'],
    job_type: 'Bulk Create Or Update User',
    url: `/api/v2/job_statuses/${String(row['id'])}.json`,
    total: row['total'],
    progress: done ? row['total'] : null,
    status: done ? 'completed' : 'queued',
    message: done ? `Completed at ${String(row['finished_at'])}` : null,
    results: done ? (JSON.parse(String(row['results'])) as unknown) : null,
  };
}
