import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output, with the ids of the trace they belong to. Whatever looks like a secret is masked. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
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
