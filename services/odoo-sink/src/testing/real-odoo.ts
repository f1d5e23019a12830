import { randomUUID } from 'node:crypto';
import { readAllMoves, readAllPartners } from '@keelson/sandbox';
import type { OdooTarget as OdooServer } from '@keelson/sandbox';
import { startFaultProxy } from './fault-proxy.ts';
import { portOn } from './stand-in.ts';
import type { OdooPort, StandIn } from './stand-in.ts';

/** The server that ODOO_URL, ODOO_DB and ODOO_API_KEY name, or undefined. */
export function realServer(environment: NodeJS.ProcessEnv): OdooServer | undefined {
  const { ODOO_URL: url, ODOO_DB: database, ODOO_API_KEY: apiKey } = environment;
  if (url === undefined || database === undefined || apiKey === undefined) return undefined;
  return { url, database, apiKey };
}

/**
 * Ports on a real Odoo, by way of a proxy that has the faults. It is not empty: what is made here is told from the rest by
 * a module of its own in the external ids.
 */
export async function openRealOdoo(server: OdooServer, module: string): Promise<ContractOdoo> {
  const proxy = await startFaultProxy(server.url);
  const ports: OdooPort[] = [];
  const ours = ({ external_id: id }: Readonly<Record<string, unknown>>): boolean =>
    String(id).startsWith(`${module}.`);
  return {
    portWith({ through } = {}) {
      const target = { database: server.database, external_id_module: module };
      const port = portOn({ ...server, url: proxy.url }, target, through);
      ports.push(port);
      return port;
    },
    setFaults: async faults => proxy.setFaults(faults),
    partners: async () => (await readAllPartners(server)).filter(ours),
    moves: async () => (await readAllMoves(server)).filter(ours),
    async close() {
      await Promise.all(ports.map(port => port.close()));
      await proxy.close();
    },
  };
}

/** What the contract needs of an Odoo. */
export type ContractOdoo = Pick<StandIn, 'portWith' | 'setFaults' | 'partners' | 'moves' | 'close'>;

/** Letters alone, for invoice numbers as well: Odoo reads dates in digits. */
export const newModule = (): string =>
  `contract_${Array.from(randomUUID().replaceAll('-', ''), digit => String.fromCharCode(97 + parseInt(digit, 16))).join('')}`;
