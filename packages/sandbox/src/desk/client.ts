/** A plain client of the desk for checkers and suites: it knows the public interface and nothing else. */
export type DeskTarget = { url: string; apiToken: string; email?: string };
type Rec = Record<string, unknown>;

/** One call, whatever comes back. */
export async function callDesk(target: DeskTarget, method: string, path: string, body?: unknown) {
  const credentials = `${target.email ?? 'integration@example.com'}/token:${target.apiToken}`;
  const response = await fetch(`${target.url}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Rec };
}

/** Reads every user, 100 at a time. */
export async function readAllDeskUsers(target: DeskTarget): Promise<Rec[]> {
  const all: Rec[] = [];
  for (let after: string | undefined; ;) {
    const cursor = after === undefined ? '' : `&page[after]=${after}`;
    const { status, body } = await callDesk(target, 'GET', `/api/v2/users.json?page[size]=100${cursor}`);
    if (status !== 200) throw new Error(`users.json answered ${String(status)}`);
    all.push(...(body['users'] as Rec[]));
    const { has_more: more, after_cursor: next } = body['meta'] as {
      has_more: boolean;
      after_cursor: string;
    };
    if (!more) return all;
    after = next;
  }
}
