import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.ts';

// topics.yaml stands beside the policy directory, for services too.
const policyDirectory = process.env['KEELSON_POLICY_DIRECTORY'] ?? 'infra/policy';

export const withCluster = (command: Command): Command =>
  command.option('--brokers <list>', 'Kafka, host:port separated by commas (default: KEELSON_KAFKA_BROKERS)');

export const withPolicy = (command: Command): Command =>
  command
    .option('--policy <directory>', 'the policy files', policyDirectory)
    .option(
      '--topics <file>',
      'the topic declarations',
      process.env['KEELSON_TOPICS_FILE'] ?? join(policyDirectory, '../kafka/topics.yaml'),
    )
    .option('--partitions <count>', 'overrides topics.yaml')
    .option('--replication-factor <count>', 'overrides topics.yaml; 1 on a single broker');

export const withSchemas = (command: Command): Command =>
  command
    .option(
      '--registry <url>',
      'schema registry (default: KEELSON_REGISTRY_URL)',
      process.env['KEELSON_REGISTRY_URL'],
    )
    .option('--ids <file>', 'the schema id map', process.env['KEELSON_SCHEMA_IDS_FILE'] ?? 'schema-ids.json');

export const withJson = (command: Command): Command =>
  command.option('--json', 'one JSON document instead of text');

/** Teaches: what the command is good for, line by line, and how it ends. */
export const withExamples = (
  command: Command,
  ...examples: readonly (readonly [example: string, does: string])[]
): Command => {
  const width = Math.max(...examples.map(([example]) => example.length));
  const lines = examples.map(([example, does]) => `  keelson ${example.padEnd(width)}  ${does}`);
  return command.addHelpText('after', ['', 'Examples:', ...lines, '', exitCodeHelp].join('\n'));
};
