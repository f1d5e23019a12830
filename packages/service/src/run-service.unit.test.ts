import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** A service of its own that reads its configuration, as all do, and would say so if it went on. */
const script = `
  import { readConfiguration, runService } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
  await runService('test', process.env, async ({ environment, onShutdown }) => {
    onShutdown(() => console.log('released'));
    if (environment.THROW !== undefined) throw new Error(environment.THROW);
    readConfiguration(environment, {});
    console.log('consumed');
  });`;

function run(environment: Record<string, string>): { code: number | null; out: string; err: string } {
  const flags = ['--conditions=@keelson/source', '--disable-warning=ExperimentalWarning'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '--eval', script],
    { env: environment, encoding: 'utf8', cwd: import.meta.dirname },
  );
  return { code: status, out: stdout, err: stderr };
}

describe('a service', () => {
  test('that is badly configured tells every fault, and ends with 78 before it does anything', () => {
    const { code, out, err } = run({ KEELSON_KAFKA_BROKERS: 'nowhere', KEELSON_LOG_LEVEL: 'loud' });
    expect(code).toBe(78);
    for (const name of ['KAFKA_BROKERS', 'LOG_LEVEL', 'REGISTRY_URL', 'SCHEMA_IDS_FILE', 'POLICY_DIRECTORY'])
      expect(err).toContain(`KEELSON_${name}`);
    expect(out).toContain('released');
    expect(out).not.toContain('consumed');
  });

  test('whose admin port is none ends with 78', () => {
    expect(run({ KEELSON_ADMIN_PORT: 'http' })).toMatchObject({ code: 78 });
  });

  test('that fails otherwise while starting ends with 70, in order', () => {
    const { code, out } = run({ THROW: 'unforeseen' });
    expect(code).toBe(70);
    expect(out).toContain('released');
  });
});
