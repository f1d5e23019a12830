import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeFault, parsePolicy } from '@keelson/contracts';
import type { Policy, PolicyName, PolicyParts, Target } from '@keelson/contracts';
import { z } from 'zod';
import { faultHook } from './fault-injection.ts';
import { collectFaults, ConfigurationError, Unread } from './faults.ts';
import type { Attempt, Reading } from './faults.ts';
import { readSchemaIds, readSetting } from './kafka.ts';
import { readSecret } from './secrets.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const list = z.string().transform((text, context) => {
  const items = text.split(',').map(item => item.trim());
  if (items.every(item => /^[^\s:]+:\d+$/.test(item))) return items;
  context.addIssue({ code: 'custom', message: 'host:port, separated by commas' });
  return z.NEVER;
});
const port = z.coerce.number().int().min(0).max(65_535);

/** What every service reads from its environment. Secrets are never here, only names of files that hold them. */
const commonShape = z.object({
  KEELSON_KAFKA_BROKERS: list,
  KEELSON_KAFKA_TLS_CA_FILE: z.string().optional(),
  KEELSON_KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KEELSON_KAFKA_USERNAME: z.string().optional(),
  KEELSON_KAFKA_PASSWORD_FILE: z.string().optional(),
  KEELSON_REGISTRY_URL: z.url(),
  KEELSON_SCHEMA_IDS_FILE: z.string().min(1),
  KEELSON_POLICY_DIRECTORY: z.string().min(1),
  KEELSON_STATE_DIRECTORY: z.string().min(1),
  KEELSON_PARTITIONS: z.coerce.number().int().positive().default(3),
  KEELSON_ADMIN_HOST: z.string().default('127.0.0.1'),
  KEELSON_ADMIN_PORT: port.default(0),
  KEELSON_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The settings that every service has. */
export type CommonSettings = z.infer<typeof commonShape>;

/** What every service reads, as far as it could be read. */
export interface CommonReadings {
  readonly settings: Reading<CommonSettings>;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Reading<Record<string, number>>;
  readonly policy: Reading<Policy>;
  /** What one policy file says, also where another has faults. */
  readonly part: <K extends PolicyName>(name: K) => Policy[K];
}

/** A service's common settings, the files that they name, and all policy files: one attempt each. */
export function readCommon(environment: Environment, attempt: Attempt): CommonReadings {
  const readings = Object.fromEntries(
    Object.entries(commonShape.shape).map(([name, shape]) => [
      name,
      attempt(() => parseSetting(name, shape, environment)),
    ]),
  );
  const setting = <N extends keyof CommonSettings>(name: N): CommonSettings[N] =>
    readings[name]?.() as CommonSettings[N];
  attempt(() => checkSasl(environment));
  attempt(() => faultHook('', environment));
  attempt(() => {
    const file = setting('KEELSON_KAFKA_TLS_CA_FILE');
    if (file !== undefined) readSetting('KEELSON_KAFKA_TLS_CA_FILE', file);
  });
  attempt(() => {
    const file = setting('KEELSON_KAFKA_PASSWORD_FILE');
    if (file !== undefined) readSecret(file);
  });
  return {
    settings: attempt(() => {
      const values = Object.entries(readings).map(([name, reading]) => [name, reading()] as const);
      return Object.fromEntries(values) as unknown as CommonSettings;
    }),
    schemaIds: attempt(() => readSchemaIds(setting('KEELSON_SCHEMA_IDS_FILE'))),
    ...readPolicy(() => setting('KEELSON_POLICY_DIRECTORY'), environment, attempt),
  };
}

/** The common settings and the whole policy, where a process has none of its own. @throws ConfigurationError with every fault. */
export const readConfiguration = (
  environment: Environment,
): { readonly settings: CommonSettings; readonly policy: Policy } =>
  collectFaults(attempt => {
    const { settings, policy } = readCommon(environment, attempt);
    return () => ({ settings: settings(), policy: policy() });
  });

function parseSetting(name: string, shape: z.ZodType, environment: Environment): unknown {
  const result = shape.safeParse(environment[name]);
  if (result.success) return result.data;
  if (environment[name] === undefined) throw new ConfigurationError([`${name} is not set`]);
  throw new ConfigurationError(result.error.issues.map(issue => `${name}: ${issue.message}`));
}

/** All three or none: with one missing a service would go to Kafka as nobody. */
function checkSasl(environment: Environment): void {
  const names = ['KEELSON_KAFKA_SASL_MECHANISM', 'KEELSON_KAFKA_USERNAME', 'KEELSON_KAFKA_PASSWORD_FILE'];
  const missing = names.filter(name => environment[name] === undefined);
  if (missing.length === names.length) return;
  throw new ConfigurationError(missing.map(name => `${name} is not set, though other settings of SASL are`));
}

function readPolicy(
  directory: Reading<string>,
  environment: Environment,
  attempt: Attempt,
): Pick<CommonReadings, 'policy' | 'part'> {
  const read = attempt(() => parsePolicy(readPolicyTexts(directory()), environment));
  const policy = attempt(() => {
    const { policy, faults } = read();
    if (policy !== null) return policy;
    throw new ConfigurationError(faults.map(fault => join(directory(), describeFault(fault))));
  });
  return {
    policy,
    part: name => {
      const parts: PolicyParts = read().parts;
      const part = parts[name];
      if (part === undefined) throw new Unread();
      return part;
    },
  };
}

function readPolicyTexts(directory: string): Record<string, string> {
  try {
    const files = readdirSync(directory).filter(file => file.endsWith('.yaml'));
    return Object.fromEntries(files.map(file => [file, readFileSync(join(directory, file), 'utf8')]));
  } catch (error) {
    throw new ConfigurationError([
      `KEELSON_POLICY_DIRECTORY: ${directory} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
}

/** A setting of a service's own: a whole number of `least` to `most`. @throws ConfigurationError */
export function wholeNumber(
  environment: Environment,
  name: string,
  {
    fallback,
    least = 0,
    most = Number.MAX_SAFE_INTEGER,
  }: { fallback: number; least?: number; most?: number },
): number {
  const text = environment[name] ?? String(fallback);
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new ConfigurationError([`${name}: a whole number ${range}, not ${text}`]);
}

/** The target of targets.yaml that a sink is to work for. @throws ConfigurationError when it is another kind's, or none. */
export function targetOf<K extends Target['kind']>(
  targets: Readonly<Record<string, Target>>,
  name: string,
  kind: K,
): Extract<Target, { kind: K }> {
  const target = targets[name];
  if (target?.kind === kind) return target as Extract<Target, { kind: K }>;
  throw new ConfigurationError([
    `KEELSON_TARGET: ${name} is ${target === undefined ? 'no target' : `a target of kind ${target.kind}`}`,
  ]);
}
