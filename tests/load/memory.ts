import { setTimeout as wait } from 'node:timers/promises';
import { sendTraffic } from '@keelson/sandbox';
import { serviceNames, stripeAccount, urlOf } from '../../infra/local/src/system/environment.ts';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { residentMbOf } from './processes.ts';
import type { BenchOptions, Result } from './report.ts';
import { openSite } from './site.ts';

/** Resident memory of each service at rest: after its start, and after work. */
export async function benchMemory({ quick, say }: BenchOptions): Promise<Result> {
  const restSeconds = quick ? 3 : 30;
  const deliveries = quick ? 200 : 5_000;
  const site = await openSite(say);
  try {
    await site.startSandbox();
    const services = await Promise.all(serviceNames.map(name => site.start(name)));
    say(`${restSeconds} s of rest`);
    await wait(restSeconds * 1000);
    const fresh = services.map(({ pid }) => residentMbOf(pid));
    say(`${deliveries} deliveries, and rest`);
    const world = { seed: 7, events: deliveries, account: stripeAccount };
    await fetch(`${urlOf(site.addresses.stripePort)}/_sandbox/worlds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(world),
    });
    await sendTraffic({
      ...world,
      ingestorUrl: urlOf(site.addresses.ingestorPort),
      secrets: {
        stripe: await readSecretFile(site.secrets.stripe),
        standardWebhooks: await readSecretFile(site.secrets.standardWebhooks),
        api: await readSecretFile(site.secrets.api),
      },
    });
    await wait(2 * restSeconds * 1000);
    const used = services.map(({ pid }) => residentMbOf(pid));
    return {
      name: 'memory',
      how: `resident memory, ${restSeconds} s after all were ready; and ${2 * restSeconds} s after ${deliveries} deliveries`,
      figures: [
        ...services.map(({ name }, at) => ({
          ...{ what: `${name}, after its start`, value: fresh[at] ?? Number.NaN, unit: 'MB' },
          goal: { under: 250 },
        })),
        ...services.map(({ name }, at) => ({
          ...{ what: `${name}, after work`, value: used[at] ?? Number.NaN, unit: 'MB' },
          goal: { under: 250 },
        })),
      ],
    };
  } finally {
    await site.close();
  }
}
