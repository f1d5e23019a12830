import { headerOf } from '../receiver.ts';
import type { Delivery, Receiver, SplitContext, VerifyInput, VerifyResult } from '../receiver.ts';
import { keysOf, maxSignatures, parseSeconds, verifyHmac } from '../signature.ts';
import type { SignedRequest } from '../signature.ts';
import { accountAlias, subjectAlias } from './alias.ts';
import { isObject } from './fields.ts';

/** `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 of `<t>.<body>`. */
function verify({ headers, rawBody, secrets, nowMs, toleranceMs }: VerifyInput): VerifyResult {
  const header = headerOf(headers, 'stripe-signature');
  if (header === undefined || header === '') return { ok: false, reason: 'missing' };
  const signed = parseHeader(header);
  if (signed === undefined) return { ok: false, reason: 'malformed' };
  return verifyHmac({ ...signed, rawBody }, keysOf(secrets), nowMs, toleranceMs);
}

function parseHeader(header: string): Omit<SignedRequest, 'rawBody'> | undefined {
  let timestamp: string | undefined;
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [scheme, value = ''] = part.trim().split('=', 2);
    if (scheme === 't') {
      if (timestamp !== undefined) return undefined;
      timestamp = value;
    } else if (scheme === 'v1') {
      if (!/^[0-9a-f]{64}$/.test(value) || signatures.length === maxSignatures) return undefined;
      signatures.push(Buffer.from(value, 'hex'));
    }
  }
  const timestampSeconds = timestamp === undefined ? undefined : parseSeconds(timestamp);
  if (timestampSeconds === undefined || signatures.length === 0) return undefined;
  return { prefix: `${timestampSeconds}.`, signatures, timestampSeconds };
}

function split(rawBody: Buffer, { account }: SplitContext): readonly Delivery[] {
  return [{ ...addressOf(rawBody, account), payload: rawBody }];
}

/** The key, the sender's id and the account: `event.account` (Connect) wins over the configured one. */
function addressOf(rawBody: Buffer, configured: string): Omit<Delivery, 'payload'> {
  const event = tryParse(rawBody);
  if (!isObject(event)) {
    return { deliveryId: null, account: configured, alias: accountAlias(configured) };
  }
  const account = name(event['account']) ?? configured;
  const data = event['data'];
  const object = isObject(data) ? data['object'] : undefined;
  return { deliveryId: name(event['id']), account, alias: subjectAlias(account, object) };
}

const name = (value: unknown): string | null =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null;

function tryParse(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
}

export const stripeReceiver: Receiver = { verify, split };
