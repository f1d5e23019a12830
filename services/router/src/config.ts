import type { Policy } from '@keelson/contracts';
import { collectFaults, ConfigurationError, readCommon } from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';

export interface Config {
  readonly settings: CommonSettings;
  readonly policy: Policy;
  readonly generationOf: (topic: string) => number;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Record<string, number>;
  /** Names of the rooms that this process runs. */
  readonly rooms: readonly string[];
}

const allRooms = ['resolve', 'route'];

/** Everything the router reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, policy, schemaIds } = readCommon(environment, attempt);
    const rooms = attempt(() => roomsIn(environment));
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      policy: policy(),
      schemaIds: schemaIds(),
      rooms: rooms(),
    });
  });

function roomsIn(environment: Environment): readonly string[] {
  const text = environment['KEELSON_ROUTER_ROOMS'] ?? allRooms.join(',');
  const rooms = text.split(',').map(room => room.trim());
  if (rooms.every(room => allRooms.includes(room)) && new Set(rooms).size === rooms.length) return rooms;
  throw new ConfigurationError([
    `KEELSON_ROUTER_ROOMS: ${allRooms.join(' or ')}, or both with a comma, not ${text}`,
  ]);
}
