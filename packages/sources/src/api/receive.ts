import { createHash, timingSafeEqual } from 'node:crypto';
import { headerOf } from '../receiver.ts';
import type { Receiver, VerifyInput, VerifyResult } from '../receiver.ts';
import { splitCanonical } from '../canonical/split.ts';

export const system = 'api';

/** `Authorization: Bearer <token>`; tokens are compared by their hashes, so that neither length nor content can be timed. */
function verify({ headers, secrets }: VerifyInput): VerifyResult {
  const header = headerOf(headers, 'authorization');
  if (header === undefined || header === '') return { ok: false, reason: 'missing' };
  const [, token] = /^[Bb]earer ([\x21-\x7e]{1,512})$/.exec(header) ?? [];
  if (token === undefined) return { ok: false, reason: 'malformed' };
  const given = sha256(token);
  let secretId: string | undefined;
  for (const { id, secret } of secrets) {
    if (timingSafeEqual(given, sha256(secret))) secretId ??= id;
  }
  return secretId === undefined ? { ok: false, reason: 'forged' } : { ok: true, secretId };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export const apiReceiver: Receiver = {
  verify,
  split: (rawBody, context) => splitCanonical(system, rawBody, context),
};
