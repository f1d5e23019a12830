import type { Flows, SupportTarget } from '@keelson/contracts';
import { collectFaults, known, readCommon, readSecret, targetOf } from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';

export interface Config {
  readonly settings: CommonSettings;
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: SupportTarget;
  readonly token: string;
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, part, sound } = readCommon(environment, attempt);
    const targetName = environment['KEELSON_TARGET'] ?? 'support';
    const target = attempt(() => targetOf(part('targets'), targetName, 'support'));
    const token = attempt(() => readSecret(known(sound('targets')[targetName]?.api_token_file)));
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      flows: part('flows'),
      targetName,
      target: target(),
      token: token(),
    });
  });
