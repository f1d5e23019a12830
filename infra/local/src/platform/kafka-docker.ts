import { Wait } from 'testcontainers';
import { removeLeftovers, startContainer, stopOnce } from './container.ts';
import { containerEnvironment, kafkaProperties } from './kafka-properties.ts';
import type { SecuredAccess } from './kafka-properties.ts';
import { kafkaAnswers } from './kafka-probe.ts';
import type { Kafka } from './kafka.ts';
import { layoutOf } from './layout.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, freePort, rememberedPort } from './ports.ts';
import { KAFKA_IMAGE } from './versions.ts';

const DATA = '/var/lib/keelson-kafka';
const CONTROLLER_PORT = 29093;

/** Apache Kafka's published image. */
export async function startKafkaInDocker(dataDirectory: string, access?: SecuredAccess): Promise<Kafka> {
  const { data, portFile } = layoutOf(dataDirectory, 'kafka', 'docker');
  await removeLeftovers(data);
  const port = await rememberedPort(portFile);
  const brokers = `${LOOPBACK}:${port}`;
  const secured = access && { ...access, port: await freePort() };
  const node = { dataDirectory: DATA, port, controllerPort: CONTROLLER_PORT, secured };
  const settings = kafkaProperties(node);
  // What is published from a container must listen on all its addresses; the host publishes on its loopback alone.
  settings['listeners'] = settings['listeners']?.replaceAll(
    new RegExp(`://${LOOPBACK}:(?!${CONTROLLER_PORT})`, 'g'),
    '://0.0.0.0:',
  ) as string;
  const container = await startContainer({
    image: KAFKA_IMAGE,
    environment: { ...containerEnvironment(settings), KAFKA_HEAP_OPTS: '-Xms128m -Xmx512m' },
    ports: [port, ...(secured ? [secured.port] : [])].map(each => ({ host: each, container: each })),
    data: { host: data, container: DATA },
    wait: Wait.forLogMessage(/Kafka Server started/),
  }).catch((error: unknown) => {
    throw new PlatformError(`The container of ${KAFKA_IMAGE} did not start: ${messageOf(error)}`, {
      cause: error,
    });
  });
  await pollUntil('Kafka in its container', 30_000, async () => (await kafkaAnswers(brokers)) || undefined);
  return {
    brokers,
    ...(secured && { securedBrokers: `${LOOPBACK}:${secured.port}` }),
    source: 'docker',
    containerId: container.getId(),
    stop: stopOnce(container),
  };
}
