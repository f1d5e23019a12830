import { writeSync } from 'node:fs';
import { createLogger } from '@keelson/service';
import { runTasks } from '@keelson/stream';
import type { FaultPoint, KafkaConnection, UnsafeSwitches } from '@keelson/stream';
import { stripeAccount } from '../../../infra/local/src/system/environment.ts';
import { routerRooms } from '../../../services/router/src/rooms.ts';
import { testCodec } from '../../../services/router/src/testing/memory-context.ts';
import { routerTopics, testPolicy } from '../../../services/router/src/testing/policy.ts';
import { prefixed, prefixedCodec } from '../../../services/router/src/testing/prefixed.ts';

/** What a member is given, as JSON in its first argument. */
export interface MemberArguments {
  readonly kafka: KafkaConnection;
  /** Of the names of all its topics. */
  readonly prefix: string;
  readonly partitionCount: number;
  /** Its own; no two members share one. */
  readonly stateDirectory: string;
  /** A defence that is off. The router's own main offers no such thing. */
  readonly unsafe: UnsafeSwitches;
  /** Where it kills or stops itself, the `times`th time that it comes by. */
  readonly at?: {
    readonly room: string;
    readonly point: FaultPoint;
    readonly times: number;
    readonly signal: 'SIGKILL' | 'SIGSTOP';
  };
}

/* One member of the router: its rooms and its tasks as they are, but on topics of its own, and with defences off. */

const given = JSON.parse(process.argv[2] ?? '{}') as MemberArguments;
const { kafka, prefix, partitionCount, stateDirectory, unsafe, at } = given;
const named = (topic: string): string => `${prefix}.${topic}`;
const policy = testPolicy({ KEELSON_STRIPE_ACCOUNT: stripeAccount });
const codec = testCodec(routerTopics(policy).map(named));
const logger = createLogger('router', 'info');
const ports = { codec: prefixedCodec(codec, named), log: logger, generationOf: () => 1 };
let left = at?.times ?? 0;
let computed = false;

const faultPoint =
  (room: string) =>
  (point: FaultPoint): void => {
    if (room !== at?.room) return;
    // Before the first batch, what is committed may be positions alone: to die there shows nothing.
    computed ||= point === 'computed';
    if (!computed || point !== at.point || --left !== 0) return;
    writeSync(2, `fault point ${room}:${point}\n`);
    process.kill(process.pid, at.signal);
  };

const rooms = routerRooms(policy, ports).map(definition =>
  runTasks(prefixed(definition, named), {
    ...{ kafka, codec, stateDirectory, partitionCount, logger, unsafe },
    faultPoint: faultPoint(definition.room),
  }),
);

process.on('SIGTERM', () => {
  void Promise.all(rooms.map(room => room.stop())).then(() => process.exit(0));
});
