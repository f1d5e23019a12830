import { setTimeout } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { schemas } from '@keelson/contracts';
import { faultHook } from '@keelson/service';
import { createRateLimiter, createSink } from '@keelson/sink';
import { createCodec, runTasks, silentLogger } from '@keelson/stream';
import { createDeskPort } from '../desk-port.ts';
import { createDeskHttp } from '../desks/http.ts';
import { createZendesk } from '../desks/zendesk.ts';

/** What a member process is given, as JSON in a file named by its first argument. */
export interface MemberArguments {
  readonly target: string;
  readonly brokers: readonly string[];
  readonly ids: Readonly<Record<string, number>>;
  readonly partitions: number;
  readonly stateDirectory: string;
  readonly deskUrl: string;
  readonly token: string;
}

/* The support sink on a target of its own, as a process: says `ready`; dies at KEELSON_FAULT_POINT. */

const given = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as MemberArguments;
const codec = createCodec({ schemas, ids: given.ids });
const limiter = createRateLimiter({ requestsPerSecond: 1000, concurrency: 1 });
const http = createDeskHttp({ url: given.deskUrl, token: given.token, limiter });
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(Math.min(ms, 10), undefined, { signal });
const fault = faultHook('member', process.env);
const sink = createSink({
  target: given.target,
  record: 'keelson.work.SupportWork',
  policy: { mode: 'live', environment: 'test', rate: { requests_per_second: 1000, concurrency: 1 } },
  flows: {},
  port: createDeskPort(createZendesk({ http, sleep })),
  codec,
  logger: silentLogger,
  fault,
});
await sink.start(new AbortController().signal);
const tasks = runTasks(sink.definition, {
  kafka: { brokers: given.brokers, clientId: 'member' },
  codec,
  stateDirectory: given.stateDirectory,
  partitionCount: given.partitions,
  logger: silentLogger,
});
process.on('SIGTERM', () => void tasks.stop().then(() => process.exit(0)));
await tasks.ready;
process.stdout.write('ready\n');
