import { KeelsonError } from '@keelson/contracts';
import { ConfigurationError, loginAdvice } from '@keelson/service/kafka';
import { kafkaProblemOf } from '@keelson/stream';
import { UsageError } from './connection.ts';
import { exitCodes } from './exit-codes.ts';

export interface Failure {
  readonly exitCode: number;
  /** What happened, and what to do. */
  readonly message: string;
}

const kafkaAway =
  'Is it running, and is --brokers (or KEELSON_KAFKA_BROKERS) right? A cluster that wants TLS or a password needs ' +
  'KEELSON_KAFKA_TLS_CA_FILE, KEELSON_KAFKA_SASL_MECHANISM, KEELSON_KAFKA_USERNAME and KEELSON_KAFKA_PASSWORD_FILE.';
const registryAway = 'Is it running, and is --registry (or KEELSON_REGISTRY_URL) right?';

/** How a command ends that could not do its work. Total. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const failure = (exitCode: number, advice = ''): Failure => ({
    exitCode,
    message: advice === '' ? message : `${message}\n${advice}`,
  });
  if (error instanceof UsageError || error instanceof ConfigurationError) return failure(exitCodes.usage);
  if (error instanceof KeelsonError) return ofOurs(error, failure);
  switch (kafkaProblemOf(error)) {
    case 'away':
      return { exitCode: exitCodes.unavailable, message: `Kafka does not answer: ${message}\n${kafkaAway}` };
    case 'login':
      return failure(exitCodes.usage, `Kafka does not know this user: ${loginAdvice}.`);
    case 'unknown_topic':
      return failure(exitCodes.differs, 'A topic is missing: keelson topics apply creates what is.');
    case 'refused':
      return failure(exitCodes.differs, 'Kafka answers, and refuses: has the user the rights for this?');
    case undefined:
      return failure(exitCodes.software);
  }
}

function ofOurs(error: KeelsonError, failure: (exitCode: number, advice?: string) => Failure): Failure {
  if (error.kind !== 'unavailable') return failure(exitCodes.differs);
  const ofRegistry = error.code === 'registry' || error.code === 'unknown_schema';
  return failure(exitCodes.unavailable, ofRegistry ? registryAway : kafkaAway);
}
