import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a stand-in misbehaves. Counts go down as they are used up; the rest stays until changed. */
export type Faults = {
  /** Wait before the call is carried out. */
  delayMs: number;
  /** More than this in one second answer 429 with Retry-After; 0 is no limit. */
  requestsPerSecond: number;
  /** The next so many calls answer 500, carried out not at all. */
  fail: number;
  /** The next so many calls lose their connection, carried out not at all. */
  resetBefore: number;
  /** The next so many calls are carried out, then lose their connection without an answer. */
  resetAfter: number;
  /** The next so many calls that write meet a serialization conflict. */
  conflicts: number;
  /** Every connection is dropped. */
  down: boolean;
  /** How long a job of the desk stays queued. */
  jobDelayMs: number;
  /** The desk no longer knows its jobs, finished or not. */
  jobsExpired: boolean;
};

export const noFaults: Faults = {
  delayMs: 0,
  requestsPerSecond: 0,
  fail: 0,
  resetBefore: 0,
  resetAfter: 0,
  conflicts: 0,
  down: false,
  jobDelayMs: 0,
  jobsExpired: false,
};

export type FaultBox = {
  readonly now: Faults;
  set(change: Partial<Faults>): void;
  clear(): void;
  /** True, and one less left, when the fault is set. */
  take(kind: 'fail' | 'resetBefore' | 'resetAfter' | 'conflicts'): boolean;
  /** Seconds to wait where this call is one too many in its second, else 0. */
  overLimit(nowMs: number): number;
};

export function createFaultBox(): FaultBox {
  const now: Faults = { ...noFaults };
  let second = 0;
  let calls = 0;
  return {
    now,
    set: change => void Object.assign(now, change),
    clear: () => void Object.assign(now, noFaults),
    take: kind => {
      if (now[kind] <= 0) return false;
      now[kind] -= 1;
      return true;
    },
    overLimit: nowMs => {
      if (now.requestsPerSecond <= 0) return 0;
      const current = Math.floor(nowMs / 1000);
      if (current !== second) calls = 0;
      second = current;
      calls += 1;
      return calls > now.requestsPerSecond ? 1 : 0;
    },
  };
}

/** Says what is wrong with a change of faults, or nothing. */
export function faultsProblem(change: unknown): string | undefined {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return 'expected an object';
  for (const [name, value] of Object.entries(change)) {
    if (!(name in noFaults)) return `no such fault: ${name}`;
    if (typeof value !== typeof noFaults[name as keyof Faults]) return `${name}: wrong type`;
    if (typeof value === 'number' && !(value >= 0)) return `${name}: must not be negative`;
  }
  return undefined;
}

/** Adds `GET`, `POST` and `DELETE /_sandbox/faults`: read, change some, take all away. */
export function addFaultRoutes(app: FastifyInstance, faults: FaultBox): void {
  app.get('/_sandbox/faults', () => faults.now);
  app.post('/_sandbox/faults', (request, reply) => {
    const change: unknown = typeof request.body === 'string' ? parsed(request.body) : request.body;
    const problem = faultsProblem(change);
    if (problem !== undefined) return reply.code(400).send({ error: problem });
    faults.set(change as Partial<Faults>);
    return reply.send(faults.now);
  });
  app.delete('/_sandbox/faults', () => {
    faults.clear();
    return faults.now;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Drops the connection of a request without an answer. */
export function dropConnection(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}
