import type { Flows, OdooTarget } from '@keelson/contracts';
import { collectFaults, known, readCommon, readSecret, targetOf } from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';

export interface Config {
  readonly settings: CommonSettings;
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: OdooTarget;
  readonly apiKey: string;
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, part, sound } = readCommon(environment, attempt);
    const targetName = environment['KEELSON_TARGET'] ?? 'odoo';
    const target = attempt(() => targetOf(part('targets'), targetName, 'odoo'));
    const keys = attempt(() =>
      known(sound('targets')[targetName]?.api_key_files).map(file => attempt(() => readSecret(file))),
    );
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      flows: part('flows'),
      targetName,
      target: target(),
      apiKey: keys()[0]?.() ?? '',
    });
  });
