import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from './program.ts';

function leaves(command: Command, path: readonly string[] = []): { name: string; command: Command }[] {
  if (command.commands.length === 0) return [{ name: path.join(' '), command }];
  return command.commands.flatMap(each => leaves(each, [...path, each.name()]));
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: part => (text += part) }).outputHelp();
  return text;
}

const program = createProgram(error => {
  throw error;
});

test('the commands are all here', () => {
  expect(leaves(program).map(({ name }) => name)).toEqual([
    'topics apply',
    'topics drift',
    'schemas apply',
    'conservation',
    'parked list',
    'release',
    'discard',
    'pause',
    'resume',
    'link',
  ]);
});

test.each(leaves(program))(
  '$name teaches: examples of its own, exit codes, JSON for machines',
  ({ name, command }) => {
    const help = helpOf(command);
    expect(help).toContain(`  keelson ${name}`);
    for (const part of ['Examples:', 'Exit codes: 0', '--json']) expect(help).toContain(part);
  },
);

test('the whole says how it ends and which settings it reads', () => {
  const help = helpOf(program);
  for (const part of ['Exit codes: 0', 'KEELSON_KAFKA_TLS_CA_FILE', 'KEELSON_REGISTRY_URL'])
    expect(help).toContain(part);
});
