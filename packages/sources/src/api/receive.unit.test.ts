import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apiReceiver } from './receive.ts';

const secrets = [
  { id: 'new', secret: 'token-new' },
  { id: 'old', secret: 'token-old' },
];
const verify = (authorization?: string) =>
  apiReceiver.verify({
    headers: authorization === undefined ? {} : { authorization },
    rawBody: Buffer.from('{}'),
    secrets,
    nowMs: 0,
    toleranceMs: 0,
  });

describe('bearer tokens', () => {
  test('each active token is accepted, and named', () => {
    expect(verify('Bearer token-new')).toEqual({ ok: true, secretId: 'new' });
    expect(verify('Bearer token-old')).toEqual({ ok: true, secretId: 'old' });
  });

  test.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['Basic dG9rZW4=', 'malformed'],
    ['Bearer', 'malformed'],
    ['Bearer token-new token-old', 'malformed'],
    ['Bearer token-ne', 'forged'],
    ['Bearer token-neww', 'forged'],
  ])('%s is %s', (header, reason) => {
    expect(verify(header)).toEqual({ ok: false, reason });
  });

  test('no other token is accepted', () => {
    fc.assert(
      fc.property(fc.string(), token => {
        fc.pre(token !== 'token-new' && token !== 'token-old');
        expect(verify(`Bearer ${token}`).ok).toBe(false);
      }),
    );
  });
});
