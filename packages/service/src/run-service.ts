import { startAdminServer } from './admin-server.ts';
import type { Readiness } from './admin-server.ts';
import type { Environment } from './settings.ts';
import { exitCodes } from './exit-codes.ts';
import { isMisconfiguration } from './faults.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { startTelemetry } from './telemetry.ts';

/** What a service's main gets to work with. */
export interface ServiceContext {
  readonly environment: Environment;
  readonly logger: Logger;
  /** Called at shutdown, last registered first; each is awaited, and one that fails does not keep the others. */
  readonly onShutdown: (release: () => Promise<void> | void) => void;
  /** Says what must be so before the service is ready. All reasons given are shown on /readyz. */
  readonly setReadiness: (readiness: Readiness) => void;
  /** Says what is wrong though the service is ready: shown on /readyz beside the status, which stays 200. */
  readonly setWarnings: (warnings: Readiness) => void;
  /** Ends the process after an orderly shutdown, for what must not go on: exit code 78 when misconfigured, else 70. */
  readonly fail: (error: unknown) => void;
}

/**
 * A process from start to end: logger, telemetry, health, SIGTERM and SIGINT. A ConfigurationError, or a `misconfigured`
 * one thrown while starting, prints every fault and ends with exit code 78 before anything is consumed.
 */
export async function runService(
  name: string,
  environment: Environment,
  start: (context: ServiceContext) => Promise<void>,
): Promise<void> {
  const logger = createLogger(name, environment['KEELSON_LOG_LEVEL']);
  const releases: (() => Promise<void> | void)[] = [];
  let readiness: Readiness = () => ['starting'];
  let warnings: Readiness = () => [];
  let ending: Promise<void> | undefined;

  const end = (code: number, reason: string): Promise<void> => {
    ending ??= (async () => {
      logger.info({ reason }, 'stopping');
      const overdue = setTimeout(() => {
        logger.error('shutdown took longer than 30 s');
        process.exit(exitCodes.software);
      }, 30_000);
      overdue.unref();
      for (const release of releases.reverse()) {
        try {
          await release();
        } catch (error) {
          logger.error({ err: error }, 'a part did not stop cleanly');
        }
      }
      logger.info('stopped');
      process.exitCode = code;
      process.exit();
    })();
    return ending;
  };

  process.on('SIGTERM', () => void end(exitCodes.ok, 'SIGTERM'));
  process.on('SIGINT', () => void end(exitCodes.ok, 'SIGINT'));
  const crash = (error: unknown): void => {
    logger.fatal({ err: error }, 'cannot go on');
    void end(exitCodes.software, 'failure');
  };
  const fail = (error: unknown): void => {
    if (!isMisconfiguration(error)) return crash(error);
    process.stderr.write(`${name}: ${error.message}\n`);
    void end(exitCodes.configuration, 'configuration');
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  try {
    const telemetry = startTelemetry(name, environment);
    releases.push(() => telemetry.close());
    const admin = await startAdminServer({
      host: environment['KEELSON_ADMIN_HOST'] ?? '127.0.0.1',
      port: adminPort(environment['KEELSON_ADMIN_PORT']),
      readiness: () => (ending === undefined ? readiness() : ['stopping']),
      warnings: () => warnings(),
      telemetry,
    });
    releases.push(() => admin.close());
    logger.info({ admin: admin.url }, 'starting');
    await start({
      environment,
      logger,
      onShutdown: release => releases.push(release),
      setReadiness: next => (readiness = next),
      setWarnings: next => (warnings = next),
      fail,
    });
    logger.info('started');
  } catch (error) {
    fail(error);
    await ending;
  }
}

/** A port that is none is a fault of the configuration, told with all others; until then the service takes any free one. */
const adminPort = (text = '0'): number => (/^\d+$/.test(text) && Number(text) <= 65_535 ? Number(text) : 0);
