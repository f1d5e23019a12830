import { headerOf } from '../receiver.ts';
import type { ActiveSecret, Receiver, VerifyInput, VerifyResult } from '../receiver.ts';
import { maxSignatures, parseSeconds, signatureBytes, verifyHmac } from '../signature.ts';
import { splitCanonical } from '../canonical/split.ts';

export const system = 'standard-webhooks';

/** Printable ASCII without the dot that joins what is signed. */
const idPattern = /^[!-\-/-~]{1,255}$/;

/** `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64> …`; HMAC-SHA256 of `<id>.<timestamp>.<body>`. */
function verify({ headers, rawBody, secrets, nowMs, toleranceMs }: VerifyInput): VerifyResult {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const header = headerOf(headers, 'webhook-signature');
  if (!id || !timestamp || !header) return { ok: false, reason: 'missing' };
  const timestampSeconds = parseSeconds(timestamp);
  const signatures = parseSignatures(header);
  if (timestampSeconds === undefined || signatures === undefined || !idPattern.test(id)) {
    return { ok: false, reason: 'malformed' };
  }
  const request = { prefix: `${id}.${timestampSeconds}.`, rawBody, signatures, timestampSeconds };
  return verifyHmac(request, secrets.map(keyOf), nowMs, toleranceMs);
}

/** Secrets are base64 behind `whsec_`. */
const keyOf = ({ id, secret }: ActiveSecret): { id: string; key: Buffer } => ({
  id,
  key: Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
});

function parseSignatures(header: string): Buffer[] | undefined {
  const signatures: Buffer[] = [];
  for (const part of header.split(' ')) {
    const [scheme, value = ''] = part.split(',', 2);
    if (scheme !== 'v1') continue;
    const signature = Buffer.from(value, 'base64');
    // Only the one way to write these bytes: a header that was touched is not the one that was signed.
    if (signature.length !== signatureBytes || signature.toString('base64') !== value) return undefined;
    if (signatures.push(signature) > maxSignatures) return undefined;
  }
  return signatures.length === 0 ? undefined : signatures;
}

export const standardWebhooksReceiver: Receiver = {
  verify,
  split: (rawBody, context) =>
    splitCanonical(system, rawBody, context, headerOf(context.headers, 'webhook-id')),
};
