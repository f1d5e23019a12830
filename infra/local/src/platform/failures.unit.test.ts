import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findJava } from './java.ts';
import { startKafka } from './kafka.ts';
import { kafkaClassPath } from './maven.ts';
import { PlatformError } from './platform-error.ts';
import { LOOPBACK, freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startRegistry } from './registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-failures-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder for the path with one command in it that writes `text` and fails, or not. */
async function pathWith(command: string, text: string, code: number): Promise<NodeJS.ProcessEnv> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await writeFile(join(bin, command), `#!/bin/sh\necho '${text}'\nexit ${code}\n`);
  await chmod(join(bin, command), 0o755);
  return { PATH: bin, KEELSON_CACHE: join(folder, 'cache') };
}

const quiet = (): void => undefined;

test('no Java: says how to get one, or how to do without', async () => {
  const failure = findJava({ PATH: folder });
  await expect(failure).rejects.toThrow(PlatformError);
  await expect(failure).rejects.toThrow(
    /Java not found[^]*openjdk-17-jre-headless[^]*Docker[^]*KAFKA_BROKERS/,
  );
});

test('a Java that is too old is named with its version', async () => {
  const env = await pathWith('java', 'openjdk version "11.0.2" 2019-01-15', 0);
  await expect(findJava(env)).rejects.toThrow(/is Java 11; 17 or newer is needed/);
});

test('no Maven: says how to get it', async () => {
  const failure = kafkaClassPath(quiet, { PATH: folder, KEELSON_CACHE: join(folder, 'cache') });
  await expect(failure).rejects.toThrow(/Maven not found[^]*apt-get install maven/);
});

test('no network: says what Maven said', async () => {
  const env = await pathWith('mvn', '[ERROR] Unknown host repo.example', 1);
  await expect(kafkaClassPath(quiet, env)).rejects.toThrow(/Is there a network[^]*Unknown host repo.example/);
});

test('a given Kafka that is not there is reported, and none is started in its place', async () => {
  const brokers = `${LOOPBACK}:${await freePort()}`;
  const failure = startKafka({ dataDirectory: folder, env: { KAFKA_BROKERS: brokers } });
  await expect(failure).rejects.toThrow(
    /KAFKA_BROKERS is .*no Kafka answers there[^]*ECONNREFUSED[^]*unset KAFKA_BROKERS/,
  );
});

test('something else that listens is not taken for Kafka', async () => {
  const server = createServer(socket => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>(resolve => server.listen(0, LOOPBACK, resolve));
  const brokers = `${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  const failure = startKafka({ dataDirectory: folder, env: { KAFKA_BROKERS: brokers } });
  await expect(failure).rejects.toThrow(/no Kafka answers there \(.*speaks something else than Kafka\)/);
  await new Promise(resolve => server.close(resolve));
});

test('a given registry that is not there is reported', async () => {
  const url = `http://${LOOPBACK}:${await freePort()}`;
  const failure = startRegistry({ dataDirectory: folder, env: { SCHEMA_REGISTRY_URL: url } });
  await expect(failure).rejects.toThrow(/SCHEMA_REGISTRY_URL is .*unset SCHEMA_REGISTRY_URL/);
});

test('a given database that is not there is reported, without its password', async () => {
  const url = `postgresql://somebody:s3cret@${LOOPBACK}:${await freePort()}/x`;
  const failure = startPostgres({ dataDirectory: folder, env: { DATABASE_URL: url } });
  await expect(failure).rejects.toThrow(/DATABASE_URL is set[^]*ECONNREFUSED/);
  await expect(failure).rejects.not.toThrow('s3cret');
});
