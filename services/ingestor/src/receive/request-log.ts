import type { Refusal } from './answers.ts';

export interface RequestLine {
  readonly source: string;
  /** Null: accepted. */
  readonly refusal: Refusal | null;
  readonly ids: readonly (string | null)[];
  readonly bytes: number;
  readonly durationMs: number;
  readonly traceparent: string | null;
}

/** What became of requests, in few lines: at thousands a second a line each would cost more than the requests do. */
export interface RequestLog {
  add(line: RequestLine): void;
  /** Writes what is gathered. */
  stop(): void;
}

interface Gathered {
  readonly source: string;
  readonly outcome: string;
  requests: number;
  bytes: number;
  slowest_ms: number;
  slowest_traceparent: string | null;
  readonly ids: string[];
  /** Ids that are not in the line. */
  more: number;
}

const maxIds = 500;

/** One line for each source and outcome, at most every `everyMs`; a lone request is logged after that time. */
export function createRequestLog(write: (line: object, message: string) => void, everyMs = 250): RequestLog {
  let gathered = new Map<string, Gathered>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    const lines = gathered;
    gathered = new Map();
    for (const line of lines.values()) {
      write({ ...line, slowest_ms: Math.round(line.slowest_ms * 100) / 100 }, 'requests');
    }
  }

  return {
    add({ source, refusal, ids, bytes, durationMs, traceparent }) {
      const outcome = refusal ?? 'accepted';
      const key = `${source} ${outcome}`;
      let line = gathered.get(key);
      if (line === undefined) {
        line = {
          source,
          outcome,
          requests: 0,
          bytes: 0,
          slowest_ms: -1,
          slowest_traceparent: null,
          ids: [],
          more: 0,
        };
        gathered.set(key, line);
      }
      line.requests += 1;
      line.bytes += bytes;
      if (durationMs > line.slowest_ms) {
        line.slowest_ms = durationMs;
        line.slowest_traceparent = traceparent;
      }
      for (const id of ids) {
        if (id === null) continue;
        if (line.ids.length < maxIds) line.ids.push(id);
        else line.more += 1;
      }
      timer ??= setTimeout(flush, everyMs);
    },
    stop() {
      clearTimeout(timer);
      flush();
    },
  };
}
