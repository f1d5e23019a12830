import { readFileSync } from 'node:fs';

/** The kernel counts in these, on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU time of a process since it started, in microseconds; NaN where the kernel does not tell. */
export function cpuMicrosOf(pid: number | undefined): number {
  const stat = read(pid, 'stat');
  // The name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
}

/** Resident memory of a process in MB (10^6 bytes); NaN where the kernel does not tell. */
export const residentMbOf = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1]) * 1024) / 1e6;

function read(pid: number | undefined, file: string): string {
  try {
    return pid === undefined ? '' : readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Measures how much CPU each of these takes from now on. */
export function startCpuMeter(
  pids: Readonly<Record<string, number | undefined>>,
): () => Record<string, number> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuMicrosOf(pid)] as const);
  return () => Object.fromEntries(before.map(([name, pid, micros]) => [name, cpuMicrosOf(pid) - micros]));
}
