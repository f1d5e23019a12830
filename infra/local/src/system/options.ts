import { parseArgs } from 'node:util';

/** What `npm start` was asked to do. */
export interface StartOptions {
  readonly dataDirectory: string;
  /** Send the sandbox company's traffic. */
  readonly traffic: boolean;
  /** Deliveries in all. */
  readonly events: number;
  readonly seed: number;
  /** Deliveries a second; undefined is as fast as they are taken. */
  readonly ratePerSecond: number | undefined;
  /** Run to the end, check everything, and leave with 0 only when nothing differs. */
  readonly exit: boolean;
  /** Once all has come to rest, sign and send the same deliveries once more. */
  readonly again: boolean;
}

export const help = `npm start -- [OPTIONS]

Brings up the whole system on this machine: Kafka, schema registry and PostgreSQL (your own where KAFKA_BROKERS,
SCHEMA_REGISTRY_URL or DATABASE_URL say so, else by Docker, else from packages; a Kafka of yours that wants TLS or a
password is reached by the settings KEELSON_KAFKA_* that services have), stand-ins for Stripe, Odoo and a
support desk, and every Keelson service as its own process. Then sends the traffic of a small SaaS company.

  --events N      deliveries in all, bad ones and doubles included   (default 2000, at least 20)
  --seed S        which company; the same seed is the same traffic   (default 7)
  --rate R        deliveries a second                                (default 200; with --exit as fast as it goes)
  --exit          run to the end, check everything against what the company knows, and leave:
                  0 when nothing differs, 1 when something does
  --again         afterwards sign and send the same deliveries once more: nothing may change
  --no-traffic    bring all up and wait for others' traffic
  --data DIR      where all data is kept; may be deleted when nothing runs  (default .keelson)
  --help          this text

DIR/endpoints.json says where everything listens, DIR/report.json what came of it, DIR/logs/ what each process said.
Ctrl-C stops everything that was started.
`;

/** Throws Error with a readable message on arguments that make no sense. */
export function readOptions(args: readonly string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '7' },
      rate: { type: 'string' },
      exit: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      'no-traffic': { type: 'boolean', default: false },
      data: { type: 'string', default: '.keelson' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values['no-traffic'] && (values.exit || values.again))
    throw new Error('--no-traffic goes with neither --exit nor --again');
  const rate = values.rate === undefined ? undefined : number('--rate', values.rate, 0.001);
  return {
    dataDirectory: values.data,
    traffic: !values['no-traffic'],
    events: whole('--events', values.events, 20),
    seed: whole('--seed', values.seed, 0),
    ratePerSecond: rate ?? (values.exit ? undefined : 200),
    exit: values.exit,
    again: values.again,
  };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least)
    throw new Error(`${name} takes a number of at least ${least}, not ${text}`);
  return value;
}

function whole(name: string, text: string, least: number): number {
  const value = number(name, text, least);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} takes a whole number, not ${text}`);
  return value;
}
