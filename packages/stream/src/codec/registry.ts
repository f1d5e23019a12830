import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { misconfigured, unavailable } from '@keelson/contracts';
import { messageOf } from '../client/errors.ts';

export type Compatibility = 'BACKWARD_TRANSITIVE' | 'FULL_TRANSITIVE';

/** A schema to be known under `<topic>-<record full name>`. */
export interface Subject {
  readonly subject: string;
  /** Self-contained Avro schema as JSON text. */
  readonly schema: string;
  readonly compatibility: Compatibility;
}

export interface RegistryOptions {
  /** For each request; the client itself would wait for ever. Default 10 s. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;
/** Subjects are registered side by side, so many at a time. */
const atOnce = 8;

/**
 * Registers every subject with its compatibility level; what is there already stays as it is. Returns schema id by
 * subject. Throws `Misconfigured` naming every subject that the registry refuses (the others are registered), and
 * `Unavailable` when it does not answer.
 */
export async function registerSchemas(
  url: string,
  subjects: readonly Subject[],
  { timeoutMs = defaultTimeoutMs }: RegistryOptions = {},
): Promise<Record<string, number>> {
  const registry = new SchemaRegistry({ host: url });
  const ids = new Map<string, number>();
  const refused = new Map<string, string>();
  // Subjects that share a schema go one after the other: a registry may store one text twice when told of it twice at once.
  const left = Map.groupBy(subjects, ({ schema }) => schema).values();
  const register = async (): Promise<void> => {
    for (const group of left) for (const each of group) await registerNext(each);
  };
  const registerNext = async (each: Subject): Promise<void> => {
    try {
      ids.set(each.subject, await registerOne(url, registry, each, timeoutMs));
    } catch (error) {
      if (!isRefusal(error))
        throw unavailable('registry', `the registry at ${url} does not answer: ${messageOf(error)}`, {
          cause: error,
        });
      refused.set(each.subject, messageOf(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, register));
  // In the order of `subjects`, whoever was answered first.
  const inOrder = <V>(values: ReadonlyMap<string, V>): [string, V][] =>
    subjects.flatMap(({ subject }) => {
      const value = values.get(subject);
      return value === undefined ? [] : [[subject, value]];
    });
  if (refused.size > 0) {
    const lines = inOrder(refused).map(([subject, reason]) => `${subject}: ${reason}`);
    throw misconfigured('schemas_refused', `the registry refused\n  ${lines.join('\n  ')}`);
  }
  return Object.fromEntries(inOrder(ids));
}

async function registerOne(
  url: string,
  registry: SchemaRegistry,
  { subject, schema, compatibility }: Subject,
  timeoutMs: number,
): Promise<number> {
  const level = `${url}/config/${encodeURIComponent(subject)}`;
  const setLevel = (): Promise<number> => put(level, { compatibility }, timeoutMs);
  // Some registries keep a level only for a subject that exists: then the first version comes first.
  const early = await setLevel();
  if (early === 404) {
    const id = await registerFirst(url, subject, schema, timeoutMs);
    await setLevel();
    return id;
  }
  const options = { subject, compatibility: compatibility as never };
  const { id } = await within(timeoutMs, registry.register({ type: SchemaType.AVRO, schema }, options));
  return id;
}

async function registerFirst(
  url: string,
  subject: string,
  schema: string,
  timeoutMs: number,
): Promise<number> {
  const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = (await response.json()) as { id?: number; message?: string };
  if (body.id === undefined) throw new Refusal(body.message ?? `status ${response.status}`, response.status);
  return body.id;
}

async function put(url: string, body: object, timeoutMs: number): Promise<number> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!response.ok && response.status !== 404) throw new Refusal(text, response.status);
  return response.status;
}

/** The schema text behind an id. Throws `Unavailable` when the registry does not answer, or does not know it either. */
export async function fetchSchema(
  url: string,
  id: number,
  { timeoutMs = defaultTimeoutMs }: RegistryOptions = {},
): Promise<string> {
  try {
    const response = await fetch(`${url}/schemas/ids/${id}`, { signal: AbortSignal.timeout(timeoutMs) });
    const { schema, message } = (await response.json()) as { schema?: string; message?: string };
    if (schema !== undefined) return schema;
    throw new Error(message ?? `status ${response.status}`);
  } catch (error) {
    throw unavailable(
      'unknown_schema',
      `the registry at ${url} cannot explain schema ${id}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

class Refusal extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The client tells a connection that was refused as status 400, like a schema that was: only the message differs. */
function isRefusal(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status;
  return (
    typeof status === 'number' &&
    status >= 400 &&
    status < 500 &&
    !/ECONN|ENOTFOUND|EAI_AGAIN|socket hang up/.test(messageOf(error))
  );
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
