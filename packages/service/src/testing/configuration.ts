import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A configuration that is without fault, on the project's own policy files, in a folder of its own. */
export interface TestConfiguration {
  readonly environment: Readonly<Record<string, string>>;
  /** Where all its files are: `policy/`, `kafka/topics.yaml`, `ids.json`, and `secret`, which every setting of a secret names. */
  readonly folder: string;
  /** What every file of a secret holds. */
  readonly secret: string;
  /** Replaces text in a policy file. Throws when it is not there. */
  editPolicy(file: string, from: string, to: string): void;
  remove(): void;
}

export function createTestConfiguration(secret = 'some-secret'): TestConfiguration {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-configuration-'));
  const policy = join(folder, 'policy');
  const infra = join(import.meta.dirname, '../../../../infra');
  cpSync(join(infra, 'policy'), policy, { recursive: true });
  cpSync(join(infra, 'kafka/topics.yaml'), join(folder, 'kafka/topics.yaml'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const secretFile = write('secret', secret);
  return {
    folder,
    secret,
    environment: {
      PATH: process.env['PATH'] ?? '',
      KEELSON_ENVIRONMENT: 'test',
      KEELSON_KAFKA_BROKERS: '127.0.0.1:1',
      KEELSON_REGISTRY_URL: 'http://127.0.0.1:1',
      KEELSON_SCHEMA_IDS_FILE: write('ids.json', '{}'),
      KEELSON_POLICY_DIRECTORY: policy,
      KEELSON_STATE_DIRECTORY: join(folder, 'state'),
      KEELSON_STRIPE_ACCOUNT: 'acct_1',
      KEELSON_STRIPE_SECRETS_FILE: secretFile,
      KEELSON_STRIPE_API_URL: 'http://127.0.0.1:1',
      KEELSON_STRIPE_API_KEY_FILE: secretFile,
      KEELSON_STANDARD_WEBHOOKS_SECRETS_FILE: secretFile,
      KEELSON_API_TOKENS_FILE: secretFile,
      KEELSON_ODOO_URL: 'http://127.0.0.1:1',
      KEELSON_ODOO_DATABASE: 'some',
      KEELSON_ODOO_API_KEY_FILE: secretFile,
      KEELSON_LEDGER_DATABASE_URL_FILE: secretFile,
      KEELSON_DESK_URL: 'http://127.0.0.1:1',
      KEELSON_DESK_API_TOKEN_FILE: secretFile,
    },
    editPolicy(file, from, to) {
      const text = readFileSync(join(policy, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      write(join('policy', file), text.replace(from, to));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a service's main, or a module's text, to its end. `environment` is all it gets. */
export function runToEnd(
  main: { readonly script: string } | { readonly text: string },
  environment: Readonly<Record<string, string>>,
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const flags = ['--conditions=@keelson/source', '--disable-warning=ExperimentalWarning'];
  const what = 'script' in main ? [main.script] : ['--input-type=module', '--eval', main.text];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...what], {
    env: environment,
    encoding: 'utf8',
    cwd: import.meta.dirname,
    timeout: 120_000,
  });
  return { code: status, out: stdout, err: stderr };
}
