export * from './api.ts';
export {
  connectAdmin,
  type Admin,
  type NewTopic,
  type PartitionOffsets,
  type TopicDescription,
} from './admin.ts';
export {
  createCodec,
  fetchSchema,
  registerSchemas,
  Undecodable,
  UnknownWriter,
  type Codec,
  type CodecOptions,
  type Compatibility,
  type Decoded,
  type Subject,
} from './codec/index.ts';
export { kafkaProblemOf, type KafkaProblem } from './client/index.ts';
export { silentLogger, type Logger } from './logger.ts';
export { murmur2, partitionOf } from './partition.ts';
export { createPublisher, type Publisher, type PublisherOptions } from './publisher.ts';
export { follow, readTopic, type ReadOptions } from './reader.ts';
export {
  checkTopics,
  runTasks,
  type RoomStatus,
  type RunningTasks,
  type TaskOptions,
  type TaskPhase,
  type TaskStatus,
  type UnsafeSwitches,
} from './task/index.ts';
export { spanContextOf, traceparentOf } from './trace.ts';
