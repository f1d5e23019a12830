import { dockerHas } from './docker.ts';
import { startKafkaFromMaven } from './kafka-maven.ts';
import type { SecuredAccess } from './kafka-properties.ts';
import { kafkaAnswers } from './kafka-probe.ts';
import type { Log } from './maven.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { KAFKA_IMAGE } from './versions.ts';

/** Where a part of the platform came from. */
export type Source = 'env' | 'docker' | 'maven' | 'npm';

export type Kafka = {
  /** `host:port`, several separated by commas. */
  brokers: string;
  /** The second listener, where one was asked for. */
  securedBrokers?: string;
  source: Source;
  /** Of the broker's process, where it is one of this machine's. */
  pid?: number;
  /** Of the broker's container, where it is one. */
  containerId?: string;
  /** Ends what was started; does nothing for one that was there already. Safe to call again. */
  stop: () => Promise<void>;
};

export type StartOptions = {
  /** The data folder. What lies in it is used again, and it can be deleted when nothing runs. */
  dataDirectory: string;
  log?: Log;
  env?: NodeJS.ProcessEnv;
  /** Opens a second listener that wants TLS and a password. Not for a Kafka that was there already. */
  secured?: SecuredAccess;
  /** The Kafka in `KAFKA_BROKERS` wants TLS or a password: it is not asked whether it answers, whoever connects sees. */
  givenIsSecured?: boolean;
};

/**
 * A Kafka that answers: the one in `KAFKA_BROKERS` if set; else a container, where Docker answers and has or
 * can pull the image; else Apache Kafka from Maven on Java 17 or newer. Loopback only.
 *
 * @throws PlatformError that says what to do.
 */
export async function startKafka({
  dataDirectory,
  log = () => undefined,
  env = process.env,
  secured,
  givenIsSecured = false,
}: StartOptions): Promise<Kafka> {
  const given = env['KAFKA_BROKERS'];
  if (given && givenIsSecured) return asItIs(given);
  if (given) return useGiven(given);
  if (await dockerHas(KAFKA_IMAGE, log, env)) {
    return (await import('./kafka-docker.ts')).startKafkaInDocker(dataDirectory, secured);
  }
  return startKafkaFromMaven(dataDirectory, log, env, secured);
}

async function useGiven(brokers: string): Promise<Kafka> {
  const reasons: string[] = [];
  for (const address of brokers.split(',')) {
    const answers = await kafkaAnswers(address.trim(), 5_000).catch((error: unknown) => {
      reasons.push(messageOf(error));
      return false;
    });
    if (answers) return asItIs(brokers);
  }
  throw new PlatformError(
    `KAFKA_BROKERS is ${brokers}, but no Kafka answers there (${reasons.join('; ')}). ` +
      'Start it, or unset KAFKA_BROKERS to have one started. One that wants TLS or a password needs the settings ' +
      'KEELSON_KAFKA_* that services have, with npm start; tests speak plain text.',
  );
}

const asItIs = (brokers: string): Kafka => ({ brokers, source: 'env', stop: async () => undefined });
