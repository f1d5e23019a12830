import { readFile } from 'node:fs/promises';
import { Wait } from 'testcontainers';
import { removeLeftovers, startContainer, stopOnce } from './container.ts';
import { layoutOf } from './layout.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { ROLE, postgresAnswers } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { POSTGRES_IMAGE } from './versions.ts';

const DATA = '/var/lib/postgresql/data';

/** PostgreSQL's published image. */
export async function startPostgresInDocker(dataDirectory: string, passwordFile: string): Promise<Postgres> {
  const { data, portFile } = layoutOf(dataDirectory, 'postgres', 'docker');
  await removeLeftovers(data);
  const port = await rememberedPort(portFile);
  const password = await readFile(passwordFile, 'utf8');
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const container = await startContainer({
    image: POSTGRES_IMAGE,
    environment: { POSTGRES_USER: ROLE, POSTGRES_DB: ROLE, POSTGRES_PASSWORD: password },
    ports: [{ host: port, container: 5432 }],
    data: { host: data, container: DATA },
    user: uid === 0 ? undefined : `${uid}:${gid}`,
    wait: Wait.forListeningPorts(),
  }).catch((error: unknown) => {
    throw new PlatformError(`The container of ${POSTGRES_IMAGE} did not start: ${messageOf(error)}`, {
      cause: error,
    });
  });
  const url = `postgresql://${ROLE}:${password}@${LOOPBACK}:${port}/${ROLE}`;
  await pollUntil('PostgreSQL in its container', 60_000, () => postgresAnswers(url));
  return { url, source: 'docker', stop: stopOnce(container) };
}
