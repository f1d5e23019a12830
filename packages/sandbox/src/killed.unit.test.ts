import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callDesk, readAllDeskUsers } from './desk/client.ts';
import { odooResult, readAllMoves, readAllPartners } from './odoo/client.ts';

const program = (directory: string): string => `
  import { startOdoo } from '${new URL('odoo/server.ts', import.meta.url).href}';
  import { startDesk } from '${new URL('desk/server.ts', import.meta.url).href}';
  const dataDirectory = ${JSON.stringify(directory)};
  const odoo = await startOdoo({ port: 0, dataDirectory, database: 'books', apiKeys: ['key'] });
  const desk = await startDesk({ port: 0, dataDirectory, apiTokens: ['token'] });
  console.log(JSON.stringify({ odoo: odoo.url, desk: desk.url }));`;

type Sandbox = { child: ChildProcess; odoo: string; desk: string };

async function start(directory: string): Promise<Sandbox> {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program(directory)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { odoo: string; desk: string }) };
}

async function kill({ child }: Sandbox): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('stand-ins killed at once after an answer', () => {
  let directory: string;
  let sandbox: Sandbox;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keelson-killed-'));
    sandbox = await start(directory);
  });

  afterEach(async () => {
    await kill(sandbox);
    await rm(directory, { recursive: true });
  });

  test('hold what they answered, and finish the jobs they took', async () => {
    for (const round of [1, 2, 3]) {
      const odoo = { url: sandbox.odoo, database: 'books', apiKey: 'key' };
      const desk = { url: sandbox.desk, apiToken: 'token' };
      const id = `r${String(round)}`;
      const partner = { fields: ['id', 'name'], data: [[`test.${id}`, id]] };
      const { ids } = (await odooResult(odoo, 'res.partner', 'load', partner)) as { ids: number[] };
      const lines = [[0, 0, { name: 'Plan', price_unit: round }]];
      const values = { move_type: 'out_invoice', partner_id: ids[0], invoice_line_ids: lines };
      const moves = await odooResult(odoo, 'account.move', 'create', { vals_list: [values] });
      const [, job] = await Promise.all([
        odooResult(odoo, 'account.move', 'action_post', { ids: moves }),
        callDesk(desk, 'POST', '/api/v2/users/create_or_update_many.json', {
          users: [{ external_id: id, name: id }],
        }),
      ]);
      await kill(sandbox);
      sandbox = await start(directory);
      const { id: jobId } = job.body['job_status'] as { id: string };
      await jobDone({ url: sandbox.desk, apiToken: 'token' }, jobId);
    }
    const partners = await readAllPartners({ url: sandbox.odoo, database: 'books', apiKey: 'key' });
    const external = partners.map(partner => partner['external_id']);
    expect(external).toEqual(expect.arrayContaining(['test.r1', 'test.r2', 'test.r3']));
    const posted = await readAllMoves({ url: sandbox.odoo, database: 'books', apiKey: 'key' });
    expect(posted.map(move => [move['state'], move['amount_total']])).toEqual(
      [1, 2, 3].map(n => ['posted', n]),
    );
    const users = await readAllDeskUsers({ url: sandbox.desk, apiToken: 'token' });
    expect(users.map(user => user['external_id'])).toEqual(['r1', 'r2', 'r3']);
  });
});

async function jobDone(desk: { url: string; apiToken: string }, id: string): Promise<void> {
  for (;;) {
    const { body } = await callDesk(desk, 'GET', `/api/v2/job_statuses/${id}.json`);
    if ((body['job_status'] as { status: string }).status === 'completed') return;
  }
}
