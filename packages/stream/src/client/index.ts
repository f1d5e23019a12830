export { createClient, type ClientOptions } from './connection.ts';
export {
  isConcurrentTransactions,
  isCoordinatorAway,
  isFenced,
  isKafkaError,
  isOffsetOutOfRange,
  isUnknownTopic,
  kafkaProblemOf,
  messageOf,
  type KafkaProblem,
} from './errors.ts';
export type { KafkaMessage } from './internals.ts';
export { kafkajs } from './kafkajs.ts';
export {
  createLogReader,
  type FetchedPartition,
  type LogReader,
  type PartitionPosition,
} from './log-reader.ts';
