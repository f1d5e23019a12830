import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { platform } from './platform.ts';

export type TestDatabase = {
  /** With user and password. */
  url: string;
  /** Deletes it, whoever is still connected. */
  drop: () => Promise<void>;
};

/**
 * A database of the test's own. With `prepare` (say, migrations) a template is made once a run under `name`,
 * and every further database is a copy of it, in about 50 ms.
 */
export async function freshDatabase(template?: {
  name: string;
  prepare: (url: string) => Promise<void>;
}): Promise<TestDatabase> {
  const { databaseUrl } = await platform();
  const urlOf = (name: string): string => Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).href;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(databaseUrl, async client => {
    const source = template ? await ensureTemplate(client, template, urlOf) : 'template1';
    await client.query(`create database ${name} template ${source}`);
  });
  const drop = (): Promise<void> =>
    withClient(databaseUrl, async client => {
      await client.query(`drop database if exists ${name} with (force)`);
    });
  return { url: urlOf(name), drop };
}

/** Makes the template unless it is there; several processes may ask at once. */
async function ensureTemplate(
  client: pg.Client,
  { name, prepare }: { name: string; prepare: (url: string) => Promise<void> },
  urlOf: (name: string) => string,
): Promise<string> {
  const digest = createHash('sha256').update(name).digest();
  const template = `template_${digest.toString('hex').slice(0, 12)}`;
  const key = digest.readInt32BE(0);
  await client.query('select pg_advisory_lock($1)', [key]);
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount) return template;
    const draft = `${template}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft}`);
    await prepare(urlOf(draft));
    await client.query(`alter database ${draft} rename to ${template}`);
    return template;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [key]);
  }
}

async function withClient<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
