import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Environment } from '../settings.ts';
import { createTestConfiguration, runToEnd } from './configuration.ts';
import type { TestConfiguration } from './configuration.ts';

export interface ConfigurationSuite {
  /** The folder of the service's main.ts. */
  readonly directory: string;
  readonly readConfig: (environment: Environment) => unknown;
  /** What every file of a secret holds; default: some text. */
  readonly secret?: string;
  /** Some of what a configuration without fault gives. */
  readonly gives: object;
  /** Faults of the service's own, beside one of a common setting and one of flows.yaml. */
  readonly faults: {
    readonly settings: Readonly<Record<string, string>>;
    readonly policy?: readonly (readonly [file: string, from: string, to: string])[];
    /** What is told, in this order: one pattern a fault. */
    readonly told: readonly RegExp[];
  };
  /** Of a sink: the setting that names its target's secret, and a target of another kind. */
  readonly sink?: { readonly secretSetting: string; readonly another: string };
}

/** Holds a service's configuration to what every service promises. Returns the one of the running test, for tests more. */
export function testConfiguration(suite: ConfigurationSuite): () => TestConfiguration {
  const { directory, readConfig, secret, gives, faults, sink } = suite;
  let configuration: TestConfiguration;
  beforeEach(() => void (configuration = createTestConfiguration(secret)));
  afterEach(() => configuration.remove());
  const spoilFlows = (): void => configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');

  describe('the configuration', () => {
    test('without fault gives everything', () => {
      expect(readConfig(configuration.environment)).toMatchObject(gives);
    });

    test('all faults of settings, files and secrets: one report, exit code 78, and no secret shown', () => {
      spoilFlows();
      for (const edit of faults.policy ?? []) configuration.editPolicy(...edit);
      const environment = {
        ...configuration.environment,
        KEELSON_REGISTRY_URL: 'nowhere',
        ...faults.settings,
      };
      const { code, out, err } = runToEnd({ script: join(directory, 'main.ts') }, environment);
      expect(code).toBe(78);
      expect(err).toContain(`the configuration has ${faults.told.length + 2} faults`);
      expect(err).toContain('KEELSON_REGISTRY_URL');
      expect(err).toMatch(/flows\.yaml:5: classes\.urgent\.objective\.percent/);
      expect(err).toMatch(new RegExp(faults.told.map(({ source }) => source).join('.*'), 's'));
      expect(out + err).not.toContain(configuration.secret);
    });

    if (sink === undefined) return;

    test('a fault of targets.yaml hides none of the secret that it names', () => {
      const environment = { KEELSON_ENVIRONMENT: 'neither', [sink.secretSetting]: '/nowhere/secret' };
      expect(() => readConfig({ ...configuration.environment, ...environment })).toThrow(
        /targets\.yaml:\d+.*nowhere.secret: the secret cannot be read \(ENOENT\)/s,
      );
    });

    test('a target of another kind, or none, beside faults elsewhere', () => {
      spoilFlows();
      const read = (target: string) => () =>
        readConfig({ ...configuration.environment, KEELSON_PARTITIONS: '0', KEELSON_TARGET: target });
      const told = (end: string): RegExp => new RegExp(`KEELSON_PARTITIONS.*flows\\.yaml.*${end}`, 's');
      expect(read(sink.another)).toThrow(told(`${sink.another} is a target of kind ${sink.another}`));
      expect(read('nobody')).toThrow(told('nobody is no target'));
    });
  });
  return () => configuration;
}
