import { join } from 'node:path';

/**
 * What lies where under the data folder, for one part of the platform. Data is kept apart by where the part
 * came from: a container's files have another owner, and another version of PostgreSQL cannot read them.
 */
export const layoutOf = (
  dataDirectory: string,
  part: 'kafka' | 'registry' | 'postgres',
  source: 'docker' | 'local',
) => ({
  /** Owned by the part itself. */
  data: join(dataDirectory, part, source === 'docker' ? 'data-docker' : 'data'),
  /** Settings written for it. */
  settings: join(dataDirectory, part),
  portFile: join(dataDirectory, part, 'port'),
  pidFile: join(dataDirectory, part, 'process.json'),
  logFile: join(dataDirectory, 'logs', `${part}.log`),
});
