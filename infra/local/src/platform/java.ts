import { join } from 'node:path';
import { PlatformError } from './platform-error.ts';
import { runCommand } from './run-command.ts';

const OLDEST = 17;

/**
 * The command that starts Java: of JAVA_HOME if set, else of the path.
 *
 * @throws PlatformError when there is none, or one older than 17.
 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const command = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  const { code, output } = await runCommand(command, ['-version'], { env });
  if (code !== 0) throw new PlatformError(`Java not found (${command}). ${ADVICE}`);
  const major = Number(/version "(?:1\.)?(\d+)/.exec(output)?.[1] ?? 0);
  if (major < OLDEST)
    throw new PlatformError(
      `${command} is Java ${major || 'of unknown version'}; ${OLDEST} or newer is needed. ${ADVICE}`,
    );
  return command;
}

const ADVICE =
  `Install Java ${OLDEST} or newer (Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or start Docker, ` +
  'or point KAFKA_BROKERS and SCHEMA_REGISTRY_URL to running ones.';
