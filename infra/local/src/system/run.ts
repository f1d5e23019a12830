import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sumLines } from '@keelson/cli';
import type { Sums } from '@keelson/cli';
import type { TrafficResult } from '@keelson/sandbox';
import { check, expectationsFor, fingerprint, readTargets } from './check.ts';
import type { Verdict } from './check.ts';
import { readCodec, readTopology } from './installation.ts';
import type { StartOptions } from './options.ts';
import { outcomesSince, writeReport } from './report.ts';
import type { Screen } from './screen.ts';
import type { Site } from './site.ts';
import type { Progress } from './table.ts';
import { acceptedOf, sendAll } from './traffic.ts';
import { atRest, startWatch } from './watch.ts';
import type { Watch } from './watch.ts';

const drawEveryMs = 500;
/** So long must everything have been quiet to count as come to rest … */
const restMs = 1500;
/** … and when nothing moves for so long though something is open, it never will. */
const stuckMs = 60_000;

interface Run {
  readonly site: Site;
  readonly options: StartOptions;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly watch: Watch;
  readonly before: Sums;
}

/** Traffic, table, and with `--exit` the final check. Resolves with the exit code; without `--exit` only when aborted. */
export async function run(
  site: Site,
  options: StartOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<number> {
  const codec = readCodec(site.endpoints.schemaIdsFile);
  const topology = readTopology();
  const watch = startWatch(site.kafka, codec, topology, Date.now());
  try {
    await untilQuiet(watch, signal);
    const current: Run = { site, options, screen, signal, watch, before: watch.sums() };
    if (!options.traffic) return await showForever(current);
    const sent = await sendAndSettle(current, false);
    let passed = reportUnexpected(screen, sent);
    if (options.again) passed = (await sendAgain(current)) && passed;
    const verdict = await check(site, codec, topology, expectationsFor(options.seed, options.events));
    tell(screen, verdict);
    await report(current, verdict);
    if (options.exit) return verdict.passed && passed ? 0 : 1;
    screen.say('The system stays up; Ctrl-C stops it.');
    return await showForever(current);
  } finally {
    await watch.stop();
  }
}

/** What earlier runs left is read first, so that this run's numbers are its own. */
async function untilQuiet(watch: Watch, signal: AbortSignal): Promise<void> {
  while (watch.quietMs() < restMs && !signal.aborted) await wait(100, undefined, { signal });
}

async function sendAndSettle(current: Run, again: boolean): Promise<TrafficResult> {
  const { site, options, signal } = current;
  const progress: { value: Progress | null } = { value: null };
  const drawing = drawUntil(current, () => progress.value);
  try {
    const before = current.watch.sums().deliveries.entered;
    const result = await sendAll(site, options, again, value => (progress.value = value), signal);
    await settle(current, before + acceptedOf(result));
    return result;
  } finally {
    await drawing.stop();
  }
}

/** Waits until everything that was accepted is accounted for and nothing waits; or nothing moves any more. */
async function settle({ watch, signal }: Run, deliveries: number): Promise<void> {
  for (;;) {
    const quietMs = watch.quietMs();
    if (quietMs >= restMs && atRest(watch.sums(), deliveries)) return;
    if (quietMs >= stuckMs) return;
    await wait(100, undefined, { signal });
  }
}

/** The same deliveries once more: what the targets hold must be the same to the last field. */
async function sendAgain(current: Run): Promise<boolean> {
  const { screen, site } = current;
  screen.say('\nsending the same deliveries once more');
  const before = fingerprint(await readTargets(site));
  const passed = reportUnexpected(screen, await sendAndSettle(current, true));
  const same = before === fingerprint(await readTargets(site));
  screen.say(same ? 'nothing changed in ledger, Odoo and desk' : 'SOMETHING CHANGED in ledger, Odoo or desk');
  return same && passed;
}

function drawUntil({ screen, watch }: Run, progress: () => Progress | null): { stop: () => Promise<void> } {
  const abort = new AbortController();
  const draw = (): void =>
    screen.draw({ sums: watch.sums(), latencyMs: watch.latencyMs(), progress: progress() });
  const drawing = (async () => {
    for (;;) {
      draw();
      await wait(drawEveryMs, undefined, { signal: abort.signal });
    }
  })().catch(() => undefined);
  return {
    stop: async () => {
      abort.abort();
      await drawing;
      draw();
    },
  };
}

async function showForever(current: Run): Promise<number> {
  const { signal, watch, site } = current;
  const drawing = drawUntil(current, () => null);
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await drawing.stop();
  const { ledger } = await readTargets(site);
  await report(current, { sums: watch.sums(), differences: [], ledger, passed: true });
  return 0;
}

function reportUnexpected(screen: Screen, { byStatus, unexpected }: TrafficResult): boolean {
  screen.say(
    `\nanswers: ${Object.entries(byStatus)
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ')}`,
  );
  for (const { id, type, status } of unexpected.slice(0, 10))
    screen.say(`UNEXPECTED answer ${status} to ${type} ${id}`);
  return unexpected.length === 0;
}

function tell(screen: Screen, { sums, differences, ledger, passed }: Verdict): void {
  screen.say('');
  for (const line of sumLines(sums)) screen.say(line);
  screen.say(`\nledger: ${ledger.entries} entries, ${ledger.balanced ? 'balanced' : 'NOT BALANCED'}`);
  screen.say(
    `ledger, Odoo and desk against what the company knows: ${differences.length === 0 ? 'no difference' : `${differences.length} differences`}`,
  );
  for (const { where, subject, what, expected, found } of differences.slice(0, 25)) {
    screen.say(`  ${where} ${subject}: ${what} is ${found || 'empty'}, expected ${expected || 'empty'}`);
  }
  screen.say(passed ? '\nAll well.' : '\nNOT all well.');
}

async function report({ options, watch, before }: Run, verdict: Verdict): Promise<void> {
  await writeReport(join(options.dataDirectory, 'report.json'), {
    accepted: verdict.sums.deliveries.entered - before.deliveries.entered,
    outcomes: outcomesSince(verdict.sums, before),
    differences: verdict.differences.length,
    ledger: { balanced: verdict.ledger.balanced, entries: verdict.ledger.entries },
    latencyMs: watch.latencyMs(),
    conservation: verdict.sums,
    details: verdict.differences,
  });
}
