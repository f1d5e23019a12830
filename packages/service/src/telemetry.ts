import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';

export interface Telemetry {
  /** Answers one scrape. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => Promise<void>;
}

/**
 * Starts the OpenTelemetry SDK: metrics as a Prometheus page, spans by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set.
 * Libraries of ours use the API alone, so nothing else knows of this.
 */
export function startTelemetry(
  service: string,
  environment: Readonly<Record<string, string | undefined>>,
): Telemetry {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const tracing = environment['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;
  const sdk = new NodeSDK({
    serviceName: service,
    metricReaders: [exporter],
    instrumentations: [],
    autoDetectResources: false,
    ...(tracing ? {} : { spanProcessors: [] }),
  });
  sdk.start();
  return {
    metrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    close: () => sdk.shutdown(),
  };
}
