import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PlatformError } from './platform-error.ts';
import { runCommand } from './run-command.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from './versions.ts';

export type Log = (line: string) => void;

/** Where downloads are kept for the next time: `KEELSON_CACHE`, else `~/.cache/keelson`. */
export const cacheDirectory = (env: NodeJS.ProcessEnv = process.env): string =>
  env['KEELSON_CACHE'] ?? join(homedir(), '.cache', 'keelson');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * The class path of Apache Kafka with its command-line tools, downloaded by Maven at first use. Maven's own
 * settings (mirrors, proxies) apply.
 *
 * @throws PlatformError when Maven is missing or cannot download.
 */
export async function kafkaClassPath(log: Log, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = join(cacheDirectory(env), `kafka-${KAFKA_VERSION}`);
  const kept = join(folder, 'classpath.txt');
  const known = await readFile(kept, 'utf8').catch(() => '');
  if (known && (await Promise.all(known.split(delimiter).map(exists))).every(Boolean)) return known;
  log(`downloading Apache Kafka ${KAFKA_VERSION} by Maven (once)`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), KAFKA_POM);
  const fresh = join(folder, `classpath.${process.pid}.txt`);
  await maven(['dependency:build-classpath', `-Dmdep.outputFile=${fresh}`], folder, env);
  const classPath = (await readFile(fresh, 'utf8')).trim();
  await writeFile(fresh, classPath);
  await rename(fresh, kept);
  return classPath;
}

/**
 * The jar that starts Apicurio Registry, downloaded and unpacked at first use.
 *
 * @throws PlatformError when Maven is missing or cannot download, or the archive cannot be unpacked.
 */
export async function registryJar(log: Log, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = join(cacheDirectory(env), `apicurio-registry-${REGISTRY_VERSION}`);
  const jar = join(folder, `apicurio-registry-app-${REGISTRY_VERSION}-runner.jar`);
  if (await exists(jar)) return jar;
  log(`downloading Apicurio Registry ${REGISTRY_VERSION} by Maven (once)`);
  const unpacked = `${folder}.${process.pid}`;
  await mkdir(unpacked, { recursive: true });
  const artifact = `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`;
  await maven(['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${unpacked}`], unpacked, env);
  const archive = `apicurio-registry-app-${REGISTRY_VERSION}-all.tar.gz`;
  const { code, output } = await runCommand('tar', ['-xzf', archive], { cwd: unpacked });
  if (code !== 0) throw new PlatformError(`${archive} could not be unpacked: ${output.trim()}`);
  await rename(unpacked, folder).catch(async (error: unknown) => {
    if (!(await exists(jar))) throw error;
  });
  return jar;
}

async function maven(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { code, output } = await runCommand('mvn', ['-q', '-B', ...args], { cwd, env, timeoutMs: 900_000 });
  if (code === 0) return;
  if (code === 127) {
    throw new PlatformError(
      'Maven not found; it downloads Apache Kafka and the schema registry. Install it (Debian and Ubuntu: ' +
        'apt-get install maven), or start Docker, or point KAFKA_BROKERS and SCHEMA_REGISTRY_URL to running ones.',
    );
  }
  const reason = output.split('\n').find(line => line.includes('ERROR')) ?? output;
  throw new PlatformError(
    `Maven could not download what the platform needs. Is there a network, and does it reach Maven Central ` +
      `(or the mirror in ~/.m2/settings.xml)? Maven said: ${reason.trim().slice(0, 500)}`,
  );
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

/** kafka-tools brings log4j without its slf4j binding: without the third line the broker's log stays empty. */
const KAFKA_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>keelson</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}
    ${dependency('org.apache.kafka', 'kafka-tools', KAFKA_VERSION)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.4')}
  </dependencies>
</project>
`;
