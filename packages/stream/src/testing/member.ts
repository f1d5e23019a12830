import { writeSync } from 'node:fs';
import type { FaultPoint, KafkaConnection, StoreDefinition } from '../api.ts';
import { silentLogger } from '../logger.ts';
import { runTasks, type UnsafeSwitches } from '../task/index.ts';
import { codecFor, counting, type record } from './support.ts';

/** What a member process is given, as JSON in its first argument. */
export interface MemberArguments {
  readonly kafka: KafkaConnection;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly store: StoreDefinition<typeof record>;
  readonly name: string;
  readonly partitions: number;
  readonly stateDirectory: string;
  readonly unsafe?: UnsafeSwitches;
  /** Kills itself there, the `times`th time that it comes by. */
  readonly killAt?: { readonly point: FaultPoint; readonly times: number };
}

/* One member of a counting room, as a process of its own: says `assigned …`, `hit <point>` and, on SIGTERM, its status. */

const given = JSON.parse(process.argv[2] ?? '{}') as MemberArguments;
const say = (line: string): void => void writeSync(1, `${line}\n`);
let left = given.killAt?.times ?? 0;
const tasks = runTasks(counting(given), {
  kafka: given.kafka,
  codec: codecFor([...given.inputs, given.output, given.store.topic]),
  stateDirectory: given.stateDirectory,
  partitionCount: given.partitions,
  logger: {
    ...silentLogger,
    info(fields, message) {
      if (message === 'partitions assigned')
        say(`assigned ${JSON.stringify((fields as { partitions: number[] }).partitions)}`);
    },
    warn: (fields, message) => say(`warn ${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => say(`error ${message} ${JSON.stringify(fields)}`),
  },
  ...(given.unsafe && { unsafe: given.unsafe }),
  faultPoint(point) {
    if (point !== given.killAt?.point || --left > 0) return;
    say(`hit ${point}`);
    process.kill(process.pid, 'SIGKILL');
  },
});
void tasks.ready.then(() => say('ready'));

process.on('SIGTERM', () => {
  void (async () => {
    const { doubts, fences, transactions } = tasks.status();
    say(`status ${JSON.stringify({ doubts, fences, transactions })}`);
    await tasks.stop();
    process.exit(0);
  })();
});
