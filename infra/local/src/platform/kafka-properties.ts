import { LOOPBACK } from './ports.ts';

/** Where the one node keeps its data and listens. */
export type KafkaNode = {
  dataDirectory: string;
  port: number;
  controllerPort: number;
  secured?: SecuredListener | undefined;
};

/** A second door, beside the open one: TLS, and a name with a password (PLAIN; SCRAM for users made by Kafka's tools). */
export type SecuredListener = { port: number } & SecuredAccess;
export type SecuredAccess = {
  /** The broker's own, PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
  username: string;
  password: string;
};

/**
 * The settings of a single node: replication 1, no delay before a group's first assignment, no topic that
 * nobody declared. Loopback only. Kafka's other defaults stay, also those a production cluster has.
 */
export function kafkaProperties({
  dataDirectory,
  port,
  controllerPort,
  secured,
}: KafkaNode): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '10',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '10',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'min.insync.replicas': '1',
    ...(secured === undefined ? {} : securedProperties(port, controllerPort, secured)),
  };
}

/** PEM stands on one line: the properties of a file and those of a container are the same. */
function securedProperties(
  openPort: number,
  controllerPort: number,
  { port, certificate, key, username, password }: SecuredListener,
): Record<string, string> {
  const open = `PLAINTEXT://${LOOPBACK}:${openPort}`;
  const own = `SECURED://${LOOPBACK}:${port}`;
  const oneLine = (pem: string): string => pem.trim().replaceAll('\n', ' ');
  const module = 'org.apache.kafka.common.security';
  return Object.fromEntries([
    ['listeners', `${open},${own},CONTROLLER://${LOOPBACK}:${controllerPort}`],
    ['advertised.listeners', `${open},${own}`],
    ['listener.security.protocol.map', 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL'],
    ...Object.entries({
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': oneLine(certificate),
      'ssl.keystore.key': oneLine(key),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      'plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_${username}="${password}";`,
      'scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    }).map(([name, value]) => [`listener.name.secured.${name}`, value]),
  ]) as Record<string, string>;
}

/** The settings as a properties file. */
export const propertiesFile = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');

/** The same settings as the environment of the container image. */
export const containerEnvironment = (settings: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );

/** The broker's log on standard output. */
export const LOG4J_PROPERTIES = `status = error
rootLogger.level = info
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = [%d] %p %m (%c)%n
`;
