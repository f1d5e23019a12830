interface KafkaErrorShape {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly retriable?: unknown;
}

function* chain(error: unknown): Generator<KafkaErrorShape> {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    yield current;
    current = (current as KafkaErrorShape).cause;
  }
}

const has = (error: unknown, type: string, text: string): boolean =>
  [...chain(error)].some(
    each => each.type === type || (typeof each.message === 'string' && each.message.includes(text)),
  );

/** The transaction's last end is still being written; the request was refused before it changed anything: try again. */
export const isConcurrentTransactions = (error: unknown): boolean =>
  has(error, 'CONCURRENT_TRANSACTIONS', 'concurrent operation on the same transaction');

/** Somebody initialised the same transactional id after us, or the broker ended our transaction: its epoch is not ours. */
export const isFenced = (error: unknown): boolean =>
  has(error, 'INVALID_PRODUCER_EPOCH', 'operation with an old epoch') ||
  has(error, 'PRODUCER_FENCED', 'Unknown error code 90');

/** Raised by the client: the broker refused, or could not be reached. */
export const isKafkaError = (error: unknown): boolean =>
  [...chain(error)].some(each => typeof each.name === 'string' && each.name.startsWith('KafkaJS'));

export const isOffsetOutOfRange = (error: unknown): error is { topic: string; partition: number } =>
  (error as KafkaErrorShape | null)?.name === 'KafkaJSOffsetOutOfRange';

export const isUnknownTopic = (error: unknown): boolean =>
  [...chain(error)].some(each => each.type === 'UNKNOWN_TOPIC_OR_PARTITION');

/** A group's coordinator has moved or is still loading: the next one asked, or the same a little later, answers. */
export const isCoordinatorAway = (error: unknown): boolean =>
  [...chain(error)].some(
    ({ type }) =>
      typeof type === 'string' && (type.includes('COORDINATOR') || type === 'GROUP_LOAD_IN_PROGRESS'),
  );

/** What a failure means to whoever asked: nobody answers, the login is refused, a topic is missing, or Kafka says no. */
export type KafkaProblem = 'away' | 'login' | 'unknown_topic' | 'refused';

/** Undefined for what is no failure of Kafka's. */
export function kafkaProblemOf(error: unknown): KafkaProblem | undefined {
  if (isUnknownTopic(error)) return 'unknown_topic';
  if (!isKafkaError(error)) return undefined;
  const names = [...chain(error)].map(({ name }) => name);
  if (names.includes('KafkaJSSASLAuthenticationError')) return 'login';
  // What is said to pass by itself (no leader yet, too few replicas in sync) is no refusal of what was asked.
  const passing = [...chain(error)].some(each => each.retriable === true);
  return names.includes('KafkaJSProtocolError') && !passing ? 'refused' : 'away';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
