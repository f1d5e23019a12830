/**
 * Benchmarks, each beside the ceilings of its own run. Nothing here fails by time: it prints.
 *
 *   npm run bench -- ingestor|router|latency|memory|restore|all [--quick]
 */
import { parseArgs } from 'node:util';
import { benchIngestor } from './ingestor/bench.ts';
import { benchLatency } from './latency/bench.ts';
import { benchMemory } from './memory.ts';
import { lines } from './report.ts';
import type { BenchOptions, Result } from './report.ts';
import { benchRestore } from './restore.ts';
import { benchRouter } from './router/bench.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<Result>>> = {
  ingestor: benchIngestor,
  router: benchRouter,
  latency: benchLatency,
  memory: benchMemory,
  restore: benchRestore,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const wanted = positionals.includes('all') ? Object.keys(benches) : positionals;
if (wanted.length === 0 || wanted.some(name => benches[name] === undefined)) {
  process.stderr.write(`npm run bench -- ${Object.keys(benches).join('|')}|all [--quick]\n`);
  process.exit(2);
}
const options = { quick: values.quick, say: (line: string) => void process.stderr.write(`  … ${line}\n`) };
for (const name of wanted) {
  const result = await benches[name]?.(options);
  if (result !== undefined) console.log(['', ...lines(result)].join('\n'));
}
process.exit();
