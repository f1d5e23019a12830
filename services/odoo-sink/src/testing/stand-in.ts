import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OdooTarget, OdooWork } from '@keelson/contracts';
import { odooResult, readAllMoves, readAllPartners, startOdoo } from '@keelson/sandbox';
import type { Faults, OdooTarget as OdooServer } from '@keelson/sandbox';
import { createRateLimiter } from '@keelson/sink';
import type { EffectAnswer, Planned, PortContext, SinkPort, WorkItem } from '@keelson/sink';
import { createJson2Client } from '../client/json2.ts';
import type { OdooClient } from '../client/json2.ts';
import { createOdooPort } from '../odoo-port.ts';
import type { OdooPlan } from '../plan.ts';

const apiKey = 'key-of-the-bot';
export const adminKey = 'key-of-the-admin';
const database = 'test';

export type OdooPort = SinkPort<OdooWork, OdooPlan>;
type Row = Readonly<Record<string, unknown>>;

/** An Odoo of its own, empty, and ports on it. */
export interface StandIn {
  readonly url: string;
  readonly port: OdooPort;
  /** Another port on it; `through` may stand between port and client. */
  portWith(options?: {
    readonly target?: Partial<OdooTarget>;
    readonly key?: string;
    readonly through?: (client: OdooClient) => OdooClient;
  }): OdooPort;
  setFaults(faults: Partial<Faults>): Promise<void>;
  /** A call as the administrator; the result. */
  admin(model: string, method: string, body: object): Promise<unknown>;
  partners(): Promise<readonly Row[]>;
  moves(): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export const targetOf = (url: string, change: Partial<OdooTarget> = {}): OdooTarget => ({
  kind: 'odoo',
  environment: 'test',
  mode: 'live',
  rate: { requests_per_second: 10_000, concurrency: 2 },
  url,
  database,
  api_key_files: ['unused'],
  taxes: [],
  tax_tolerance_minor: 1,
  external_id_module: 'keelson',
  ...change,
});

/** A port on an Odoo; `through` may stand between port and client. */
export function portOn(
  { url, database: named, apiKey: key }: OdooServer,
  change: Partial<OdooTarget>,
  through: (client: OdooClient) => OdooClient = client => client,
): OdooPort {
  const policy = targetOf(url, { database: named, ...change });
  const { requests_per_second: requestsPerSecond, concurrency } = policy.rate;
  const rateLimiter = createRateLimiter({ requestsPerSecond, concurrency });
  return createOdooPort(
    through(createJson2Client({ url, database: named, apiKey: key, rateLimiter })),
    policy,
  );
}

export async function startStandIn(): Promise<StandIn> {
  const directory = await mkdtemp(join(tmpdir(), 'keelson-odoo-'));
  const odoo = await startOdoo({
    port: 0,
    dataDirectory: directory,
    database,
    now: () => new Date('2026-11-25T10:00:00Z'),
    apiKeys: [apiKey, { key: adminKey, login: 'admin' }, { key: 'plain', login: 'plain' }],
  });
  const bot = { url: odoo.url, database, apiKey };
  const ports: OdooPort[] = [];
  const portWith: StandIn['portWith'] = ({ target = {}, key = apiKey, through } = {}) => {
    const port = portOn({ ...bot, apiKey: key }, target, through);
    ports.push(port);
    return port;
  };
  const ours = ({ external_id: id }: Row): boolean => String(id).startsWith('keelson.');
  return {
    url: odoo.url,
    port: portWith(),
    portWith,
    setFaults: async faults => {
      await fetch(`${odoo.url}/_sandbox/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(faults),
      });
    },
    admin: (model, method, body) => odooResult({ ...bot, apiKey: adminKey }, model, method, body),
    partners: async () => (await readAllPartners(bot)).filter(ours),
    moves: () => readAllMoves(bot),
    async close() {
      await Promise.all(ports.map(port => port.close()));
      await odoo.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A client that tells of each call before it is made; what is told back is the answer instead. */
export const tapping =
  (tell: (model: string, method: string, body: object) => Promise<unknown> | undefined) =>
  (client: OdooClient): OdooClient => ({
    ...client,
    session(...of) {
      const odoo = client.session(...of);
      return {
        read: async <T>(model: string, method: string, body: object) =>
          ((await tell(model, method, body)) as T | undefined) ?? odoo.read<T>(model, method, body),
        change: async <T>(model: string, method: string, body: object) =>
          ((await tell(model, method, body)) as T | undefined) ?? odoo.change<T>(model, method, body),
      };
    },
  });

export const context: PortContext = { signal: new AbortController().signal, now: Date.now };

export const itemOf = (work: OdooWork): WorkItem<OdooWork> => ({
  work,
  key: work.head.customer_id,
  workPosition: 'sink.odoo/0/0',
  attempts: 0,
});

export const planned = async (port: OdooPort, works: readonly OdooWork[]) =>
  port.plan(works.map(itemOf), context);

/** As the runner does it when all goes well: plan, and apply what is to be done. One answer a work, in order. */
export async function make(port: OdooPort, ...works: readonly OdooWork[]): Promise<readonly EffectAnswer[]> {
  const plans = await planned(port, works);
  const effects = plans.filter((plan): plan is Planned<OdooWork, OdooPlan> => !('answer' in plan));
  const answers = effects.length === 0 ? [] : await port.apply(effects, context);
  return plans.map(plan => ('answer' in plan ? plan : (answers[effects.indexOf(plan)] as EffectAnswer)));
}
