import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** A level that is none is a fault of the configuration; until it is told, everything is logged as usual. */
const levelOf = (level: string | undefined): string =>
  level !== undefined && Object.hasOwn(pino.levels.values, level) ? level : 'info';

/** JSON lines on standard output, with the ids of the trace they belong to. Whatever looks like a secret is masked. */
export function createLogger(service: string, level: string | undefined): Logger {
  return pino({
    level: levelOf(level),
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    redact: {
      paths: [
        'password',
        'secret',
        'token',
        'authorization',
        'api_key',
        '*.password',
        '*.secret',
        '*.token',
        '*.authorization',
        '*.api_key',
      ],
      censor: '[masked]',
    },
    mixin() {
      const context = trace.getActiveSpan()?.spanContext();
      return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId };
    },
  });
}
