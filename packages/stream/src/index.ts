export * from './api.ts';
export { createCodec, Undecodable, UnknownWriter, type Codec, type CodecOptions, type Decoded } from './codec/index.ts';
export { silentLogger, type Logger } from './logger.ts';
export { murmur2, partitionOf } from './partition.ts';
export { runTasks, type RoomStatus, type RunningTasks, type TaskOptions, type TaskPhase, type TaskStatus, type UnsafeSwitches } from './task/index.ts';
export { spanContextOf, traceparentOf } from './trace.ts';
