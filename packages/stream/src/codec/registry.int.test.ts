import { createServer } from 'node:net';
import { beforeAll, expect, test } from '@jest/globals';
import { platform, uniqueName } from '@keelson/testkit';
import { startMs } from '../testing/support.ts';
import { fetchSchema, registerSchemas, type Compatibility, type Subject } from './registry.ts';

let url: string;
beforeAll(async () => {
  url = (await platform()).registryUrl;
}, startMs);

const schema = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'x.Y', fields });
const a = { name: 'a', type: 'string' };
const optional = { name: 'b', type: 'long', default: 0 };
const required = { name: 'c', type: 'long' };
const subject = (
  text: string,
  name = uniqueName('registry'),
  compatibility: Compatibility = 'BACKWARD_TRANSITIVE',
): Subject => ({
  subject: `${name}-x.Y`,
  schema: text,
  compatibility,
});

test('registers, answers the same ids again, and keeps the level per subject', async () => {
  const subjects = [subject(schema(a)), subject(schema(a, optional), undefined, 'FULL_TRANSITIVE')];
  const ids = await registerSchemas(url, subjects);
  expect(Object.keys(ids)).toEqual(subjects.map(each => each.subject));
  expect(await registerSchemas(url, subjects)).toEqual(ids);
  for (const { subject: name, compatibility } of subjects) {
    const level = (await (await fetch(`${url}/config/${name}`)).json()) as { compatibilityLevel: string };
    expect(level.compatibilityLevel).toBe(compatibility);
  }
});

test('accepts a compatible version, refuses incompatible ones all together, and keeps what was there', async () => {
  const [good, bad, worse] = [
    subject(schema(a)),
    subject(schema(a)),
    subject(schema(a), undefined, 'FULL_TRANSITIVE'),
  ];
  await registerSchemas(url, [good, bad, worse]);
  const next = [
    { ...good, schema: schema(a, optional) },
    { ...bad, schema: schema(a, required) },
    { ...worse, schema: schema(required) },
  ];
  const refused = await registerSchemas(url, next).catch(
    (error: unknown) => error as { kind: string; message: string },
  );
  expect(refused).toMatchObject({ kind: 'misconfigured' });
  expect(
    (refused as { message: string }).message
      .split('\n  ')
      .slice(1)
      .map(line => line.split(':')[0]),
  ).toEqual([bad.subject, worse.subject]);
  const versions = async (each: Subject): Promise<number> =>
    ((await (await fetch(`${url}/subjects/${each.subject}/versions`)).json()) as number[]).length;
  expect([await versions(good), await versions(bad)]).toEqual([2, 1]);
});

test('tells the schema behind an id; an unknown id is unavailable', async () => {
  const one = subject(schema(a));
  const { [one.subject]: id = 0 } = await registerSchemas(url, [one]);
  expect(JSON.parse(await fetchSchema(url, id))).toMatchObject({ name: 'x.Y' });
  await expect(fetchSchema(url, 2_000_000_000)).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'unknown_schema',
  });
});

test('a registry that is away, or never answers, is unavailable within the time-out', async () => {
  await expect(registerSchemas('http://127.0.0.1:1', [subject(schema(a))])).rejects.toMatchObject({
    kind: 'unavailable',
  });
  const mute = createServer(() => undefined);
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as { port: number };
  await expect(fetchSchema(`http://127.0.0.1:${port}`, 1, { timeoutMs: 100 })).rejects.toMatchObject({
    kind: 'unavailable',
  });
  await expect(
    registerSchemas(`http://127.0.0.1:${port}`, [subject(schema(a))], { timeoutMs: 100 }),
  ).rejects.toMatchObject({
    kind: 'unavailable',
  });
  mute.close();
});
