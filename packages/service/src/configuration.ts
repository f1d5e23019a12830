import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeFault, generationsOf, parsePolicy, parseTopicsFile } from '@keelson/contracts';
import type { Policy, PolicyName, PolicyParts, SoundPolicy, Target } from '@keelson/contracts';
import { z } from 'zod';
import { faultHook } from './fault-injection.ts';
import { collectFaults, ConfigurationError, known } from './faults.ts';
import type { Attempt, Reading } from './faults.ts';
import { checkKafkaSettings, kafkaShape, readSchemaIds, readSetting } from './kafka.ts';
import { readSettings } from './settings.ts';
import type { Environment } from './settings.ts';

const port = z.coerce.number().int().min(0).max(65_535);

/** What every service reads from its environment. Secrets are never here, only names of files that hold them. */
const commonShape = {
  ...kafkaShape,
  KEELSON_REGISTRY_URL: z.url(),
  KEELSON_SCHEMA_IDS_FILE: z.string().min(1),
  KEELSON_POLICY_DIRECTORY: z.string().min(1),
  KEELSON_TOPICS_FILE: z.string().min(1).optional(),
  KEELSON_STATE_DIRECTORY: z.string().min(1),
  KEELSON_PARTITIONS: z.coerce.number().int().positive().default(3),
  KEELSON_ADMIN_HOST: z.string().default('127.0.0.1'),
  KEELSON_ADMIN_PORT: port.default(0),
  KEELSON_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
};

/** The settings that every service has. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonShape>>;

/** The generation of a topic, which goes up when it is made anew. */
export type GenerationOf = (topic: string) => number;

/** What every service reads, as far as it could be read. */
export interface CommonReadings {
  readonly settings: Reading<CommonSettings>;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Reading<Record<string, number>>;
  readonly generationOf: Reading<GenerationOf>;
  readonly policy: Reading<Policy>;
  /** What one policy file says, also where another has faults. */
  readonly part: <K extends PolicyName>(name: K) => Policy[K];
  /** What is sound of a policy file that names secrets, also where something else in it is not. */
  readonly sound: <K extends keyof SoundPolicy>(name: K) => NonNullable<SoundPolicy[K]>;
}

/** A service's common settings, the files that they name, and all policy files: one attempt each. */
export function readCommon(environment: Environment, attempt: Attempt): CommonReadings {
  const settings = readSettings(commonShape, environment, attempt);
  checkKafkaSettings(settings, environment, attempt);
  attempt(() => faultHook('', environment));
  const directory = (): string => settings.one('KEELSON_POLICY_DIRECTORY');
  return {
    settings: settings.all,
    schemaIds: attempt(() => readSchemaIds(settings.one('KEELSON_SCHEMA_IDS_FILE'))),
    generationOf: attempt(() =>
      readGenerations(settings.one('KEELSON_TOPICS_FILE') ?? join(directory(), '../kafka/topics.yaml')),
    ),
    ...readPolicy(directory, environment, attempt),
  };
}

/** What a process starts from that has no settings of its own. */
export interface Configuration {
  readonly settings: CommonSettings;
  readonly policy: Policy;
  readonly generationOf: GenerationOf;
}

/** The common settings, the whole policy and topics.yaml. @throws ConfigurationError with every fault. */
export const readConfiguration = (environment: Environment): Configuration =>
  collectFaults(attempt => {
    const { settings, policy, generationOf } = readCommon(environment, attempt);
    return () => ({ settings: settings(), policy: policy(), generationOf: generationOf() });
  });

function readPolicy(
  directory: Reading<string>,
  environment: Environment,
  attempt: Attempt,
): Pick<CommonReadings, 'policy' | 'part' | 'sound'> {
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
      return known(parts[name]);
    },
    sound(name) {
      const sound: SoundPolicy = read().sound;
      return known(sound[name]);
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

function readGenerations(file: string): GenerationOf {
  const read = parseTopicsFile(readSetting('KEELSON_TOPICS_FILE', file));
  if (read.ok) return generationsOf(read.value);
  throw new ConfigurationError(read.faults.map(fault => join(dirname(file), describeFault(fault))));
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
