/** Tells on standard error what was done and how long it took since the last time. */
export function stopwatch(name: string): (what: string) => void {
  let since = performance.now();
  return what => {
    const now = performance.now();
    process.stderr.write(`  ${name}: ${what} (${((now - since) / 1000).toFixed(0)} s)\n`);
    since = now;
  };
}
