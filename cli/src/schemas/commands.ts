import { writeFileSync } from 'node:fs';
import { schemas } from '@keelson/contracts';
import type { RecordName, TopicSpecification } from '@keelson/contracts';
import { registerSchemas } from '@keelson/stream';
import type { Subject } from '@keelson/stream';
import type { Command } from 'commander';
import { installation, UsageError } from '../connection.ts';
import type { PolicyFlags, SchemaFlags } from '../connection.ts';
import { withExamples, withJson, withPolicy, withSchemas } from '../flags.ts';
import { print } from '../output.ts';
import type { OutputFlags } from '../output.ts';

/** `schemas apply`: registers every record of every topic and writes the id map that services are given. */
export function addSchemaCommands(program: Command): void {
  const command = program.command('schemas').description('the contract in the schema registry');
  const apply = command
    .command('apply')
    .description(
      'register every record of every topic; an incompatible one is refused, all of them are named',
    );
  withExamples(
    withJson(withPolicy(withSchemas(apply))),
    [
      'schemas apply --registry http://localhost:8081 --ids schema-ids.json',
      'before the first start and after each change',
    ],
    ['schemas apply --json', 'the id map on standard output as well'],
  ).action(async (flags: PolicyFlags & SchemaFlags & OutputFlags) => {
    if (flags.registry === undefined)
      throw new UsageError('say where the registry is: --registry URL or KEELSON_REGISTRY_URL');
    const ids = await registerSchemas(flags.registry, subjectsOf(installation(flags).topics));
    const sorted = Object.fromEntries(Object.entries(ids).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(flags.ids, JSON.stringify(sorted, null, 2) + '\n');
    print(flags, ids, () => [
      `${Object.keys(ids).length} subjects are registered; their ids are in ${flags.ids}`,
    ]);
  });
}

/** One subject a topic and record. State lives for ever and must be readable both ways; events backward. */
export function subjectsOf(topics: readonly TopicSpecification[]): Subject[] {
  return topics.flatMap(({ name, records }) =>
    records.map(record => ({
      subject: `${name}-${record}`,
      schema: schemas[record as RecordName],
      compatibility: name.endsWith('.state')
        ? ('FULL_TRANSITIVE' as const)
        : ('BACKWARD_TRANSITIVE' as const),
    })),
  );
}
