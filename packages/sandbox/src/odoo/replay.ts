/**
 * Plays recorded calls of a real Odoo against a server and says where the answers differ. Record ids differ from
 * server to server, so in a recording they are symbols: `@model:n` stands for a number, bound by the first answer
 * that shows it; `@@model:n` for the same as a string; `@any` for whatever comes.
 */

export type Step = {
  note: string;
  method?: string;
  user: string | null;
  authorization?: string | null;
  call: string;
  database?: string | null;
  contentType?: string | null;
  body: unknown;
  status: number;
  answer: unknown;
};

export type Bindings = Map<string, number>;
export type Server = { url: string; database: string; keyOf: (user: string) => string };

const symbol = /@@?([a-z][a-z.]*):(\d+)/g;

/** Reads a fixture: one recorded call on each line. */
export const parseSteps = (text: string): Step[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Step);

/** Plays one step; answers what differs, or nothing. */
export async function playStep(server: Server, step: Step, bindings: Bindings): Promise<string[]> {
  const headers: Record<string, string> = {};
  const authorization = step.user === null ? step.authorization : `bearer ${server.keyOf(step.user)}`;
  if (typeof authorization === 'string') headers['authorization'] = authorization;
  const database = step.database === undefined ? server.database : step.database;
  if (database !== null) headers['x-odoo-database'] = database;
  const type = step.contentType === undefined ? 'application/json' : step.contentType;
  if (type !== null) headers['content-type'] = type;
  const method = step.method ?? 'POST';
  const text = typeof step.body === 'string' ? step.body : JSON.stringify(filled(step.body, bindings));
  const response = await fetch(`${server.url}/json/2/${step.call}`, {
    method,
    headers,
    // Bytes, since fetch gives a string a content type of its own.
    body: method === 'GET' ? null : new TextEncoder().encode(text),
  });
  const answered = await response.text();
  const differences: string[] = [];
  if (response.status !== step.status)
    differences.push(`status ${String(response.status)}, not ${String(step.status)}: ${answered}`);
  else if (typeof step.answer === 'string' && step.answer !== '@any')
    compare(step.answer, answered, '', bindings, differences);
  else compare(asAnswered(step.answer), JSON.parse(answered), '', bindings, differences);
  return differences;
}

/** The whole body of an error, of which a recording keeps name and message. */
function asAnswered(answer: unknown): unknown {
  const { name, message, http } = (answer ?? {}) as { name?: unknown; message?: unknown; http?: unknown };
  if (typeof http !== 'boolean') return answer;
  return { name, message, arguments: http ? [message, '@any'] : [message], context: {}, debug: '@any' };
}

function filled(value: unknown, bindings: Bindings): unknown {
  if (Array.isArray(value)) return value.map(item => filled(item, bindings));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, bindings)]));
  }
  if (typeof value !== 'string' || !value.startsWith('@')) return value;
  const name = value.replace(/^@+/, '');
  const bound = bindings.get(name);
  if (bound === undefined) return value;
  return value.startsWith('@@') ? String(bound) : bound;
}

function compare(
  expected: unknown,
  actual: unknown,
  path: string,
  bindings: Bindings,
  differences: string[],
): void {
  const differs = () =>
    differences.push(`${path}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  if (typeof expected === 'number' && typeof actual === 'number') {
    if (Math.abs(expected - actual) > 1e-9) differs();
  } else if (typeof expected === 'string' && expected.includes('@')) {
    if (!matches(expected, actual, bindings)) differs();
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return void differs();
    expected.forEach((item, index) =>
      compare(item, actual[index], `${path}[${String(index)}]`, bindings, differences),
    );
  } else if (
    typeof expected === 'object' &&
    expected !== null &&
    typeof actual === 'object' &&
    actual !== null
  ) {
    const wanted = Object.entries(expected).map(
      ([key, item]) => [String(filled(key, bindings)), item] as const,
    );
    if (wanted.length !== Object.keys(actual).length) return void differs();
    for (const [key, item] of wanted) {
      compare(item, (actual as Record<string, unknown>)[key], `${path}.${key}`, bindings, differences);
    }
  } else if (expected !== actual) differs();
}

function matches(expected: string, actual: unknown, bindings: Bindings): boolean {
  if (expected === '@any') return actual !== undefined;
  const whole = /^@([a-z][a-z.]*:\d+)$/.exec(expected)?.[1];
  if (whole !== undefined) {
    if (typeof actual !== 'number') return false;
    const bound = bindings.get(whole);
    if (bound === undefined) bindings.set(whole, actual);
    return bound === undefined || bound === actual;
  }
  const pattern = expected
    .replace(symbol, (_, model: string, id: string) => String(bindings.get(`${model}:${id}`) ?? '@any'))
    .split('@any')
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  return new RegExp(`^${pattern}$`).test(String(actual));
}
