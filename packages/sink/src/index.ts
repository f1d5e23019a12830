export type * from './port.ts';
export type { SinkFaultHook, SinkFaultPoint } from './faults.ts';
export { createRateLimiter } from './rate-limit.ts';
export type { RateLimit, RateLimiter, RateLimiterClock } from './rate-limit.ts';
export type { SinkLimits } from './shared.ts';
export { createSink } from './sink.ts';
export type { Sink, SinkOptions } from './sink.ts';
export type { StormLimits } from './storm.ts';
export type { WorkOf, WorkRecordName } from './unit.ts';
