import { Wait } from 'testcontainers';
import { removeLeftovers, startContainer, stopOnce } from './container.ts';
import { containerEnvironment, kafkaProperties } from './kafka-properties.ts';
import { kafkaAnswers } from './kafka-probe.ts';
import type { Kafka } from './kafka.ts';
import { layoutOf } from './layout.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { KAFKA_IMAGE } from './versions.ts';

const DATA = '/var/lib/keelson-kafka';
const CONTROLLER_PORT = 29093;

/** Apache Kafka's published image. */
export async function startKafkaInDocker(dataDirectory: string): Promise<Kafka> {
  const { data, portFile } = layoutOf(dataDirectory, 'kafka', 'docker');
  await removeLeftovers(data);
  const port = await rememberedPort(portFile);
  const brokers = `${LOOPBACK}:${port}`;
  const settings = {
    ...kafkaProperties({ dataDirectory: DATA, port, controllerPort: CONTROLLER_PORT }),
    listeners: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://${LOOPBACK}:${CONTROLLER_PORT}`,
  };
  const container = await startContainer({
    image: KAFKA_IMAGE,
    environment: { ...containerEnvironment(settings), KAFKA_HEAP_OPTS: '-Xms128m -Xmx512m' },
    port: { host: port, container: port },
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
    source: 'docker',
    containerId: container.getId(),
    stop: stopOnce(container),
  };
}
