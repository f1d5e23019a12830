import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ActiveSecret, VerifyResult } from './receiver.ts';

export const signatureBytes = 32;

export interface SignedRequest {
  /** What the sender put before the body: part of what is signed. */
  readonly prefix: string;
  readonly rawBody: Buffer;
  /** The decoded candidates, `signatureBytes` long each. */
  readonly signatures: readonly Buffer[];
  readonly timestampSeconds: number;
}

/** More candidates than this in one header is an attack on our time, not a rotation. */
export const maxSignatures = 10;

/**
 * HMAC-SHA256 over `prefix` and the raw bytes with each active secret, compared in constant time with each signature of
 * the header. The time is looked at last, so that only an authentic request is called stale.
 */
export function verifyHmac(
  request: SignedRequest,
  keys: readonly { readonly id: string; readonly key: string | Buffer }[],
  nowMs: number,
  toleranceMs: number,
): VerifyResult {
  const secretId = matchingSecret(request, keys);
  if (secretId === undefined) return { ok: false, reason: 'forged' };
  if (Math.abs(nowMs - request.timestampSeconds * 1000) > toleranceMs) return { ok: false, reason: 'stale' };
  return { ok: true, secretId };
}

function matchingSecret(
  { prefix, rawBody, signatures }: SignedRequest,
  keys: readonly { readonly id: string; readonly key: string | Buffer }[],
): string | undefined {
  let matched: string | undefined;
  for (const { id, key } of keys) {
    const expected = createHmac('sha256', key).update(prefix).update(rawBody).digest();
    for (const signature of signatures) {
      if (timingSafeEqual(expected, signature)) matched ??= id;
    }
    if (matched !== undefined) return matched;
  }
  return undefined;
}

/** Unix seconds as senders write them; anything else is malformed. */
export function parseSeconds(text: string): number | undefined {
  return /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;
}

export const keysOf = (
  secrets: readonly ActiveSecret[],
): readonly { readonly id: string; readonly key: string }[] =>
  secrets.map(({ id, secret }) => ({ id, key: secret }));
