import type { Database } from '../sqlite.ts';
import { users } from './seed.ts';

export type Login = keyof typeof users;

/** Who calls, when, and with what context: what every operation is given. */
export type Env = {
  db: Database;
  login: Login;
  uid: number;
  context: Readonly<Record<string, unknown>>;
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  now: string;
  /** UTC, `YYYY-MM-DD`. */
  today: string;
};

export function createEnv(db: Database, login: Login, context: Env['context'], at: Date): Env {
  const now = at.toISOString().slice(0, 19).replace('T', ' ');
  return { db, login, uid: users[login].id, context, now, today: now.slice(0, 10) };
}
