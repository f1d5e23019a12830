import { z } from 'zod';
import { parsePolicyFile } from './parse.ts';
import type { Parsed } from './parse.ts';

const config = z.record(z.string(), z.string());

const declaration = z.strictObject({
  key: z.string(),
  retention: z.string(),
  /** Holds personal data: it must forget by itself. */
  personal_data: z.boolean().default(false),
  records: z.array(z.string()).min(1),
  written_by: z.array(z.string()).min(1),
  read_by: z.array(z.string()).min(1),
  generation: z.number().int().positive().optional(),
  doc: z.string(),
});

export const topicsShape = z.strictObject({
  defaults: z.strictObject({
    generation: z.number().int().positive(),
    partitions: z.number().int().positive(),
    replication_factor: z.number().int().positive(),
    config,
  }),
  broker: config,
  retention_classes: z.record(z.string(), config),
  topics: z.record(z.string(), declaration),
});

/** infra/kafka/topics.yaml. Names with <source>, <target> or <service> stand for one topic each. */
export type TopicsFile = z.infer<typeof topicsShape>;

export const parseTopicsFile = (text: string): Parsed<TopicsFile> =>
  parsePolicyFile('topics.yaml', text, topicsShape, {});

/** The names that topics are expanded by. */
export interface Topology {
  readonly sources: readonly string[];
  readonly targets: readonly { readonly name: string; readonly kind: 'odoo' | 'finance' | 'support' }[];
}

const named = z.object({ kind: z.string() });

/** Names and kinds of sources and targets alone, so that topics can be made where their secrets are not known. */
export function parseTopology(texts: {
  readonly sources: string;
  readonly targets: string;
}): Parsed<Topology> {
  const sources = parsePolicyFile(
    'sources.yaml',
    texts.sources,
    z.object({ sources: z.record(z.string(), named) }),
    anything,
  );
  const targets = parsePolicyFile(
    'targets.yaml',
    texts.targets,
    z.object({ targets: z.record(z.string(), z.object({ kind: z.enum(['odoo', 'finance', 'support']) })) }),
    anything,
  );
  if (!sources.ok || !targets.ok) {
    return {
      ok: false,
      faults: [...(sources.ok ? [] : sources.faults), ...(targets.ok ? [] : targets.faults)],
    };
  }
  const value: Topology = {
    sources: Object.keys(sources.value.sources),
    targets: Object.entries(targets.value.targets).map(([name, { kind }]) => ({ name, kind })),
  };
  return { ok: true, value, lineOf: sources.lineOf };
}

/** Stands in for an environment in which every name is set. */
const anything = new Proxy<Record<string, string>>({}, { get: (_, name) => String(name) });

/** One topic of an installation. */
export interface TopicSpecification {
  readonly name: string;
  readonly generation: number;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
  readonly records: readonly string[];
  readonly personalData: boolean;
}

/** What an installation overrides: one machine has one broker. */
export interface TopicOverrides {
  readonly partitions?: number | undefined;
  readonly replicationFactor?: number | undefined;
}

const workRecords = {
  odoo: 'keelson.work.OdooWork',
  finance: 'keelson.work.FinanceWork',
  support: 'keelson.work.SupportWork',
} as const;

/** Every topic of an installation, by name. Throws RangeError on a retention class that is not declared. */
export function expandTopics(
  file: TopicsFile,
  topology: Topology,
  overrides: TopicOverrides = {},
): TopicSpecification[] {
  const replicationFactor = overrides.replicationFactor ?? file.defaults.replication_factor;
  const services = ['ingestor', 'router', ...topology.targets.map(({ name }) => `${name}-sink`)];
  return Object.entries(file.topics)
    .flatMap(([pattern, declared]) => {
      const retention = file.retention_classes[declared.retention];
      if (retention === undefined)
        throw new RangeError(`${pattern}: no retention class ${declared.retention}`);
      const specification = (
        name: string,
        records: readonly string[] = declared.records,
      ): TopicSpecification => ({
        name,
        generation: declared.generation ?? file.defaults.generation,
        partitions: overrides.partitions ?? file.defaults.partitions,
        replicationFactor,
        config: { ...file.defaults.config, ...minimumInSync(file, replicationFactor), ...retention },
        records,
        personalData: declared.personal_data,
      });
      if (pattern.includes('<source>'))
        return topology.sources.map(source => specification(pattern.replace('<source>', source)));
      if (pattern.includes('<service>'))
        return services.map(service => specification(pattern.replace('<service>', service)));
      if (!pattern.includes('<target>')) return [specification(pattern)];
      return topology.targets.map(({ name, kind }) =>
        specification(
          pattern.replace('<target>', name),
          declared.records.filter(
            record => !record.startsWith('keelson.work.') || record === workRecords[kind],
          ),
        ),
      );
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The generation of each topic as the file declares it, also where a source or target is no longer in the policy: what it
 * left parked is still there. A topic that the file does not name has the default's.
 */
export function generationsOf(file: TopicsFile): (topic: string) => number {
  const declared = Object.entries(file.topics).map(([pattern, { generation }]) => ({
    named: new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/<\w+>/, '[^.]+')}$`),
    generation,
  }));
  const known = new Map<string, number>();
  return topic => {
    const generation =
      known.get(topic) ??
      declared.find(({ named }) => named.test(topic))?.generation ??
      file.defaults.generation;
    known.set(topic, generation);
    return generation;
  };
}

/** A topic with one copy cannot ask for two. */
function minimumInSync(file: TopicsFile, replicationFactor: number): Record<string, string> {
  const declared = Number(file.defaults.config['min.insync.replicas'] ?? 1);
  return { 'min.insync.replicas': String(Math.min(declared, replicationFactor)) };
}
