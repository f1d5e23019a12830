import { afterEach, describe, expect, test } from '@jest/globals';
import { unavailable } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import { waitFor } from '@keelson/testkit';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { event, post, postEvent, secrets, startTestServer, stripeHeaders } from '../testing/receiving.ts';
import type { Receiving } from '../testing/receiving.ts';
import type { ReceivePoint } from './handle.ts';
import { maxBodyBytes } from './read-body.ts';

let receiving: Receiving | undefined;
afterEach(async () => {
  await receiving?.server.close();
  receiving = undefined;
});
const start = async (...args: Parameters<typeof startTestServer>): Promise<Receiving> =>
  (receiving = await startTestServer(...args));
const hooks = ({ server }: Receiving, source = 'stripe'): string => `${server.url}/webhooks/${source}`;
const valueOf = ({ published }: Receiving, at = 0): Ingress => published[at]?.value as Ingress;

/** Writes bytes as they are, and reads what is answered until the other side hangs up. */
function raw(url: string, ...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  return text(socket).catch(() => '');
}

describe('a signed webhook', () => {
  test('is stored as it came, under its customer, with a trace', async () => {
    const server = await start();
    const body = event('evt_7', 'cus_7');
    const response = await post(hooks(server), body, {
      ...stripeHeaders(body, secrets[1]),
      'content-type': 'text/plain',
      'user-agent': 'Stripe/1.0',
      cookie: 'not kept',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 1 });
    expect(server.published).toHaveLength(1);
    expect(server.published[0]).toMatchObject({ topic: 'ingress.stripe', key: 'stripe:acct_1:cus_7' });
    expect(valueOf(server)).toMatchObject({
      delivery_id: 'evt_7',
      source: 'stripe',
      account: 'acct_1',
      alias: 'stripe:acct_1:cus_7',
      origin: 'webhook',
      content_type: 'text/plain',
      headers: { 'user-agent': 'Stripe/1.0' },
    });
    expect(valueOf(server).payload.toString()).toBe(body);
    expect(valueOf(server).received_at).toBe((server.published[0]?.timestampMs ?? 0) * 1000);
    expect(server.published[0]?.headers?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(JSON.stringify(server.lines)).not.toContain('cus_7');
    expect(JSON.stringify([server.published, server.lines])).not.toContain(secrets[1]);
  });

  test('goes on with the trace that it brings', async () => {
    const server = await start();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await post(hooks(server), event(), { ...stripeHeaders(event()), traceparent });
    const own = server.published[0]?.headers?.['traceparent'];
    expect(own).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
    expect(own).not.toBe(traceparent);
  });

  test('that cannot be read is accepted: the router rejects it with its bytes', async () => {
    const server = await start();
    const body = Buffer.from([0x7b, 0xff, 0x00]);
    expect((await post(hooks(server), body, stripeHeaders(body))).status).toBe(200);
    expect(valueOf(server)).toMatchObject({ delivery_id: null, alias: 'stripe:acct_1:acct_1' });
    expect(valueOf(server).payload).toEqual(body);
  });

  test('may be as large as 768 KiB, and no larger', async () => {
    const server = await start();
    const largest = Buffer.alloc(maxBodyBytes, ' ');
    expect((await post(hooks(server), largest, stripeHeaders(largest))).status).toBe(200);
    const tooLarge = Buffer.alloc(maxBodyBytes + 1, ' ');
    const response = await post(hooks(server), tooLarge, stripeHeaders(tooLarge));
    expect([response.status, await response.json()]).toMatchObject([413, { error: 'too_large' }]);
    expect(server.published).toHaveLength(1);
  });

  test('without a length is cut off at the same size', async () => {
    const server = await start();
    const answer = await raw(
      server.server.url,
      'POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n',
      ...Array.from({ length: 13 }, () => `10000\r\n${' '.repeat(65_536)}\r\n`),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(server.published).toEqual([]);
  });

  test('of which the sender asks first whether it may be sent', async () => {
    const server = await start();
    const head = (length: number): string =>
      `POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`;
    expect(await raw(server.server.url, head(maxBodyBytes + 1))).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw(server.server.url, head(2), '{}')).toMatch(/^HTTP\/1\.1 100 .*\r\n\r\nHTTP\/1\.1 401 /);
  });
});

describe('what is refused stores nothing', () => {
  test.each([
    ['no signature', () => ({}), 'missing_signature'],
    ['a malformed one', () => ({ 'stripe-signature': 'v1=1' }), 'malformed_signature'],
    ['a forged one', () => stripeHeaders(event(), 'whsec_other'), 'forged_signature'],
    ['a stale one', () => stripeHeaders(event(), secrets[0], Date.now() - 301_000), 'stale_signature'],
    [
      'one from the future',
      () => stripeHeaders(event(), secrets[0], Date.now() + 302_000),
      'stale_signature',
    ],
  ])('%s: 401, counted', async (_what, headers, error) => {
    const server = await start();
    const response = await post(hooks(server), event(), headers());
    expect([response.status, await response.json()]).toMatchObject([401, { error }]);
    expect(server.published).toEqual([]);
    expect(server.refused).toEqual([`stripe ${error}`]);
  });

  test('unknown sources and paths: 404', async () => {
    const server = await start();
    for (const path of [
      '/webhooks/unknown',
      '/webhooks/stripe/',
      '/webhooks/api',
      '/',
      '/webhooks/__proto__',
    ]) {
      const response = await post(`${server.server.url}${path}`, event(), stripeHeaders(event()));
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        404,
        { error: 'not_found' },
      ]);
    }
    expect(server.published).toEqual([]);
  });

  test('other methods: 405, and which one is allowed', async () => {
    const server = await start();
    const response = await fetch(hooks(server));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('above the source’s rate: 429 with the time to wait; forged requests take nothing from it', async () => {
    const clock = { ms: Date.now() };
    const server = await start({ nowMs: () => clock.ms });
    for (let i = 0; i < 5; i++)
      await post(hooks(server, 'slow'), event(), stripeHeaders(event(), 'whsec_other'));
    expect((await postEvent(hooks(server, 'slow'))).status).toBe(200);
    expect((await postEvent(hooks(server, 'slow'))).status).toBe(200);
    const response = await postEvent(hooks(server, 'slow'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await postEvent(hooks(server))).status).toBe(200);
    clock.ms += 2000;
    expect((await postEvent(hooks(server, 'slow'))).status).toBe(200);
    expect(server.published).toHaveLength(4);
  });

  test('too much at one time: 503 with Retry-After', async () => {
    const server = await start({ limits: { maxBodyBytesHeld: 50 } });
    const response = await postEvent(hooks(server));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(server.published).toEqual([]);
    expect((await post(hooks(server), '{}', stripeHeaders('{}'))).status).toBe(200);
  });
});

describe('never a false 2xx', () => {
  test('the broker away: 503 with Retry-After', async () => {
    const server = await start({
      publisher: { publish: () => Promise.reject(unavailable('publisher_deadline', 'no')) },
    });
    const response = await postEvent(hooks(server));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await response.json()).toMatchObject({ error: 'broker_unavailable' });
  });

  test('anything else: 500, also when it is thrown at once', async () => {
    const errors: unknown[] = [];
    const server = await start({
      publisher: {
        publish: () => {
          throw new Error('no schema');
        },
      },
      onError: error => errors.push(error),
    });
    expect((await postEvent(hooks(server))).status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  test('the answer waits for the acknowledgement, and all points are passed in order', async () => {
    const acknowledged = Promise.withResolvers<void>();
    const enqueued = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const points: ReceivePoint[] = [];
    const server = await start({
      publisher: { publish: () => acknowledged.promise },
      faultPoint: point => {
        points.push(point);
        if (point === 'enqueued') enqueued.resolve();
        if (point === 'answered') answered.resolve();
      },
    });
    let status: number | undefined;
    const response = postEvent(hooks(server)).then(answer => (status = answer.status));
    await enqueued.promise;
    expect([points, status]).toEqual([['body_read', 'verified', 'enqueued'], undefined]);
    acknowledged.resolve();
    expect(await response).toBe(200);
    await answered.promise;
    expect(points).toEqual(['body_read', 'verified', 'enqueued', 'acknowledged', 'answered']);
  });

  test('a request under way is answered before the server is closed', async () => {
    const acknowledged = Promise.withResolvers<void>();
    const enqueued = Promise.withResolvers<void>();
    const { server } = await start({
      publisher: { publish: () => acknowledged.promise },
      faultPoint: point => point === 'enqueued' && enqueued.resolve(),
    });
    const response = postEvent(`${server.url}/webhooks/stripe`);
    await enqueued.promise;
    const closed = server.close();
    await expect(postEvent(`${server.url}/webhooks/stripe`)).rejects.toThrow();
    acknowledged.resolve();
    expect((await response).status).toBe(200);
    await closed;
    receiving = undefined;
  });
});

describe('POST /v1/events', () => {
  const good = {
    id: 'e1',
    type: 'support.case_opened',
    timestamp: '2026-11-23T10:00:00Z',
    data: { subject: 'stripe:acct_1:cus_1', case_id: 'c1', status: 'open' },
  };
  const send = ({ server }: Receiving, json: unknown, token: string = secrets[0]): Promise<Response> =>
    post(`${server.url}/v1/events`, JSON.stringify(json), { authorization: `Bearer ${token}` });

  test('an event of the contract: 202', async () => {
    const server = await start();
    expect((await send(server, good, secrets[1])).status).toBe(202);
    expect(server.published[0]).toMatchObject({ topic: 'ingress.api', key: 'stripe:acct_1:cus_1' });
    expect(valueOf(server)).toMatchObject({ origin: 'api', delivery_id: 'e1', account: 'own' });
  });

  test('a wrong token: 401', async () => {
    const server = await start();
    expect((await send(server, good, 'other')).status).toBe(401);
    expect(server.published).toEqual([]);
  });

  test('what the contract does not allow: 422 with every fault', async () => {
    const server = await start();
    const response = await send(server, {
      ...good,
      id: '',
      data: { ...good.data, status: 7, colour: 'red' },
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      error: 'invalid_event',
      faults: [{ path: '/id' }, { path: '/data/colour' }, { path: '/data/status' }],
    });
    expect(server.published).toEqual([]);
  });
});

describe('senders that are slow or broken', () => {
  test('headers that do not come: 408, and the connection ends', async () => {
    const { server } = await start({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    expect(await raw(server.url, 'POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\n')).toMatch(
      /^HTTP\/1\.1 408 /,
    );
  });

  test('a body that does not come: the same', async () => {
    const { server } = await start({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const head = 'POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{';
    expect(await raw(server.url, head)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('what is not HTTP: 400', async () => {
    const { server } = await start();
    expect(await raw(server.url, 'what is this\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('what has two lengths: 400, nothing smuggled', async () => {
    const server = await start();
    const answer = await raw(
      server.server.url,
      'POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a connection that breaks off mid-body stores nothing, and its bytes are free again', async () => {
    const server = await start({ limits: { maxBodyBytesHeld: 300 } });
    for (let i = 0; i < 3; i++) {
      const { hostname, port } = new URL(server.server.url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 299\r\n\r\n${' '.repeat(250)}`,
      );
      await new Promise<void>(resolve => socket.write(' ', () => resolve()));
      socket.destroy();
      await new Promise(resolve => socket.once('close', resolve));
    }
    // The server hears of the end a moment after we do.
    await waitFor('room for a body', async () => (await postEvent(hooks(server))).status, {
      until: status => status === 200,
    });
    expect(server.published).toHaveLength(1);
  });
});
