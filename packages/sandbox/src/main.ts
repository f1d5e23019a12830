/**
 * The outside world as one process: stand-ins for Odoo, Stripe and a support desk, each on its own port.
 * Settings are SANDBOX_* variables; keys are read from files, and there are none by default.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDesk } from './desk/server.ts';
import { startOdoo } from './odoo/server.ts';
import { startStripe } from './stripe/server.ts';

const required = [
  'SANDBOX_DATA_DIRECTORY',
  'SANDBOX_ODOO_DATABASE',
  'SANDBOX_ODOO_API_KEY_FILE',
  'SANDBOX_STRIPE_API_KEY_FILE',
  'SANDBOX_DESK_API_TOKEN_FILE',
];
const missing = required.filter(name => !process.env[name]);
if (missing.length > 0) {
  process.stderr.write(missing.map(name => `sandbox: ${name} is not set\n`).join(''));
  process.exit(78);
}
const setting = (name: string): string => process.env[name] ?? '';
const port = (name: string): number => Number(process.env[name] ?? 0);
const keys = (name: string): string[] =>
  readFileSync(setting(name), 'utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');

const host = process.env['SANDBOX_HOST'] ?? '127.0.0.1';
const data = setting('SANDBOX_DATA_DIRECTORY');
const odoo = await startOdoo({
  host,
  port: port('SANDBOX_ODOO_PORT'),
  dataDirectory: join(data, 'odoo'),
  database: setting('SANDBOX_ODOO_DATABASE'),
  apiKeys: keys('SANDBOX_ODOO_API_KEY_FILE'),
  freeNumbers: true,
});
const stripe = await startStripe({
  host,
  port: port('SANDBOX_STRIPE_PORT'),
  dataDirectory: join(data, 'stripe'),
  apiKeys: keys('SANDBOX_STRIPE_API_KEY_FILE'),
});
const desk = await startDesk({
  host,
  port: port('SANDBOX_DESK_PORT'),
  dataDirectory: join(data, 'desk'),
  apiTokens: keys('SANDBOX_DESK_API_TOKEN_FILE'),
});
process.stdout.write(`sandbox: odoo ${odoo.url}, stripe ${stripe.url}, desk ${desk.url}\n`);

let ending = false;
const end = async (): Promise<void> => {
  if (ending) return;
  ending = true;
  await Promise.all([odoo.close(), stripe.close(), desk.close()]);
  process.exit(0);
};
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
