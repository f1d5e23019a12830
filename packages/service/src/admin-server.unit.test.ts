import { afterEach, expect, test } from '@jest/globals';
import { startAdminServer } from './admin-server.ts';
import type { AdminServer } from './admin-server.ts';

let server: AdminServer;
afterEach(() => server.close());

async function readyz(reasons: readonly string[], warnings: readonly string[]): Promise<[number, unknown]> {
  server = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    readiness: () => reasons,
    warnings: () => warnings,
    telemetry: { metrics: () => undefined, close: async () => undefined },
  });
  const response = await fetch(`${server.url}/readyz`);
  return [response.status, await response.json()];
}

test('a service without reasons is ready', async () => {
  expect(await readyz([], [])).toEqual([200, { status: 'ready' }]);
});

test('a warning is shown, and is no reason not to be ready', async () => {
  expect(await readyz([], ['a key is refused'])).toEqual([
    200,
    { status: 'ready', warnings: ['a key is refused'] },
  ]);
});

test('a service with reasons is not ready, and tells all', async () => {
  expect(await readyz(['no broker'], ['a key is refused'])).toEqual([
    503,
    { status: 'not ready', reasons: ['no broker'], warnings: ['a key is refused'] },
  ]);
});
