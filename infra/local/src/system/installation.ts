import { readFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseTopology, schemas } from '@keelson/contracts';
import type { Topology } from '@keelson/contracts';
import { createCodec } from '@keelson/stream';
import type { Codec } from '@keelson/stream';
import { inherited } from './environment.ts';

export const projectRoot = join(import.meta.dirname, '../../../..');
export const policyDirectory = join(projectRoot, 'infra/policy');
/** On one machine there is one broker. */
const oneBroker = ['--replication-factor', '1'];

/**
 * Applies topics and registers schemas by the same commands that an operator has. `security` are the settings of Kafka
 * beside its address. Throws with what they said.
 */
export async function applyContract(
  brokers: string,
  registryUrl: string,
  schemaIdsFile: string,
  security: NodeJS.ProcessEnv = {},
): Promise<void> {
  const files = ['--policy', policyDirectory, '--topics', join(projectRoot, 'infra/kafka/topics.yaml')];
  await Promise.all([
    keelson(['topics', 'apply', '--brokers', brokers, ...files, ...oneBroker], security),
    keelson(['schemas', 'apply', '--registry', registryUrl, '--ids', schemaIdsFile, ...files, ...oneBroker]),
  ]);
}

function keelson(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<void> {
  const flags = [
    '--conditions=@keelson/source',
    '--disable-warning=TimeoutNegativeWarning',
    join(projectRoot, 'cli/src/main.ts'),
  ];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...flags, ...args],
      { env: { ...inherited(), ...settings } },
      (error, out, err) => {
        if (error === null) resolve();
        else
          reject(new Error(`keelson ${args.slice(0, 2).join(' ')} failed: ${err || out}`, { cause: error }));
      },
    );
  });
}

export function readTopology(): Topology {
  const text = (file: string): string => readFileSync(join(policyDirectory, file), 'utf8');
  const parsed = parseTopology({ sources: text('sources.yaml'), targets: text('targets.yaml') });
  if (!parsed.ok)
    throw new Error(parsed.faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'));
  return parsed.value;
}

export const readCodec = (schemaIdsFile: string): Codec =>
  createCodec({ schemas, ids: JSON.parse(readFileSync(schemaIdsFile, 'utf8')) as Record<string, number> });
