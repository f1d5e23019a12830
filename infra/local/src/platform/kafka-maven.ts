import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child-process.ts';
import { newClusterId } from './cluster-id.ts';
import { findJava } from './java.ts';
import { LOG4J_PROPERTIES, kafkaProperties, propertiesFile } from './kafka-properties.ts';
import type { SecuredAccess } from './kafka-properties.ts';
import { kafkaAnswers } from './kafka-probe.ts';
import { layoutOf } from './layout.ts';
import { stopLeftover } from './leftover.ts';
import { kafkaClassPath } from './maven.ts';
import type { Log } from './maven.ts';
import { PlatformError } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, freePort, rememberedPort } from './ports.ts';
import { runCommand } from './run-command.ts';
import type { Kafka } from './kafka.ts';

const STOP_MS = 15_000;

/** Apache Kafka itself, from its published jars, on the machine's own Java. */
export async function startKafkaFromMaven(
  dataDirectory: string,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
  access?: SecuredAccess,
): Promise<Kafka> {
  const [java, classPath] = await Promise.all([findJava(env), kafkaClassPath(log, env)]);
  const { data, settings, portFile, pidFile, logFile } = layoutOf(dataDirectory, 'kafka', 'local');
  await stopLeftover(pidFile);
  await mkdir(data, { recursive: true });
  const port = await rememberedPort(portFile);
  const properties = join(settings, 'server.properties');
  const log4j = join(settings, 'log4j2.properties');
  const secured = access && { ...access, port: await freePort() };
  const node = { dataDirectory: data, port, controllerPort: await freePort(), secured };
  await writeFile(properties, propertiesFile(kafkaProperties(node)), { mode: 0o600 });
  await writeFile(log4j, LOG4J_PROPERTIES);
  const jvm = ['-cp', classPath, `-Dlog4j2.configurationFile=${log4j}`];
  await formatStorage(java, jvm, data, properties);
  const child = await startChild({
    name: 'Kafka',
    command: java,
    args: ['-Xms128m', '-Xmx512m', '-XX:+UseG1GC', ...jvm, 'kafka.Kafka', properties],
    logFile,
    pidFile,
  });
  const brokers = `${LOOPBACK}:${port}`;
  const failed = (): Error | undefined => (child.exit() ? new Error('it ended') : undefined);
  await pollUntil('Kafka', 120_000, async () => (await kafkaAnswers(brokers)) || undefined, failed).catch(
    async () => {
      await child.stop(STOP_MS);
      throw new PlatformError(
        `Kafka did not start on ${brokers}. Its log is ${logFile}; it ends with\n${await child.tail()}`,
      );
    },
  );
  return {
    brokers,
    ...(secured && { securedBrokers: `${LOOPBACK}:${secured.port}` }),
    source: 'maven',
    pid: child.pid,
    stop: () => child.stop(STOP_MS),
  };
}

async function formatStorage(java: string, jvm: string[], data: string, properties: string): Promise<void> {
  const formatted = await access(join(data, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const args = [
    '-Xmx128m',
    '-XX:TieredStopAtLevel=1',
    ...jvm,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    newClusterId(),
    '-c',
    properties,
  ];
  const { code, output } = await runCommand(java, args);
  if (code !== 0)
    throw new PlatformError(
      `Kafka's storage in ${data} could not be formatted: ${output.trim().slice(-800)}`,
    );
}
