export * from './configuration.ts';
export { exitCodes } from './exit-codes.ts';
export { faultHook } from './fault-injection.ts';
export type { FaultHook } from './fault-injection.ts';
export { kafkaConnection, readSchemaIds } from './kafka.ts';
export type { Logger } from './logger.ts';
export { createLogger } from './logger.ts';
export { runService } from './run-service.ts';
export type { ServiceContext } from './run-service.ts';
