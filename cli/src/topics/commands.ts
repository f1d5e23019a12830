import type { Command } from 'commander';
import type { Admin } from '@keelson/stream';
import { installation, withAdmin } from '../connection.ts';
import type { ClusterFlags, Installation, PolicyFlags } from '../connection.ts';
import { print, table } from '../output.ts';
import type { OutputFlags } from '../output.ts';
import { exitCodes } from '../exit-codes.ts';
import { withCluster, withExamples, withJson, withPolicy } from '../flags.ts';
import { brokerDriftOf, driftOf } from './drift.ts';
import type { Drift } from './drift.ts';

type Flags = ClusterFlags & PolicyFlags & OutputFlags;

export function addTopicCommands(program: Command): void {
  const topics = program
    .command('topics')
    .description('the topics of the installation, as infra/kafka/topics.yaml declares them');
  const command = (name: string, description: string): Command =>
    withJson(withPolicy(withCluster(topics.command(name).description(description))));

  withExamples(
    command('apply', 'create what is missing and set what may be set; destroys nothing'),
    ['topics apply', 'before the first start and after each change of topics.yaml'],
    ['topics apply --replication-factor 1', 'on a single broker'],
  ).action(async (flags: Flags) => {
    const declared = installation(flags);
    const result = await withAdmin(flags, admin => apply(admin, declared));
    print(flags, result, () => [
      ...result.created.map(name => `created  ${name}`),
      ...result.changed.map(
        ({ topic, what, wanted, found }) => `changed  ${topic}: ${what} ${found} → ${wanted}`,
      ),
      ...result.left.map(
        ({ topic, what, wanted, found }) =>
          `DIFFERS  ${topic}: ${what} is ${found}, wanted ${wanted}: a person must decide`,
      ),
      `${result.created.length} created, ${result.changed.length} changed, ${result.left.length} left as they are`,
    ]);
    if (result.left.some(({ topic }) => !topic.startsWith('broker'))) process.exitCode = exitCodes.differs;
  });

  withExamples(
    command(
      'drift',
      'report what differs from topics.yaml, broker settings included; exit code 1 when anything does',
    ),
    ['topics drift', 'changes nothing'],
    ['topics drift --json', 'for a watch that runs every night'],
  ).action(async (flags: Flags) => {
    const declared = installation(flags);
    const drifts = await withAdmin(flags, admin => findDrift(admin, declared));
    print(flags, drifts, () =>
      drifts.length === 0
        ? ['nothing differs']
        : table(
            ['where', 'what', 'wanted', 'found'],
            drifts.map(({ topic, what, wanted, found }) => [topic, what, wanted, found]),
          ),
    );
    if (drifts.length > 0) process.exitCode = exitCodes.differs;
  });
}

async function findDrift(admin: Admin, { file, topics }: Installation): Promise<Drift[]> {
  const found = await admin.describeTopics(topics.map(({ name }) => name));
  const brokers = await admin.brokerConfig(Object.keys(file.broker));
  return [...driftOf(topics, found), ...brokerDriftOf(file, brokers)];
}

async function apply(
  admin: Admin,
  declared: Installation,
): Promise<{ created: string[]; changed: Drift[]; left: Drift[] }> {
  const created = await admin.createTopics(declared.topics);
  const drifts = await findDrift(admin, declared);
  const changed = drifts.filter(({ applicable }) => applicable);
  for (const [topic, settings] of Map.groupBy(changed, ({ topic }) => topic)) {
    await admin.setTopicConfig(topic, Object.fromEntries(settings.map(({ what, wanted }) => [what, wanted])));
  }
  return { created, changed, left: drifts.filter(({ applicable }) => !applicable) };
}
