import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { PLATFORM_SOCKET } from './platform-server.ts';
import type { PlatformAnswer, TestPlatform } from './platform-server.ts';

let known: Promise<TestPlatform> | undefined;

/**
 * The broker, registry and database of this test run; started when the first test asks (ten seconds, more
 * when something must be downloaded: give `beforeAll` a minute).
 *
 * @throws Error that says what to do when it does not start.
 */
export function platform(): Promise<TestPlatform> {
  return (known ??= ask());
}

async function ask(): Promise<TestPlatform> {
  const path = process.env[PLATFORM_SOCKET];
  if (!path) throw new Error('no test platform: run tests by "npm test" or "npm run jest"');
  const answer = JSON.parse(await text(connect(path))) as PlatformAnswer;
  if ('error' in answer) throw new Error(`the test platform did not start: ${answer.error}`);
  return answer.platform;
}
