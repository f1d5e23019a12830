import type { Source } from '@keelson/contracts';
import { receiverOf } from '@keelson/sources';
import type { ActiveSecret, Receiver } from '@keelson/sources';
import { createHash } from 'node:crypto';
import { createTokenBucket } from './token-bucket.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A source of sources.yaml, ready to receive. */
export interface ReceivingSource {
  readonly name: string;
  readonly kind: Source['kind'];
  readonly account: string;
  readonly receiver: Receiver;
  readonly secrets: readonly ActiveSecret[];
  readonly toleranceMs: number;
  readonly bucket: TokenBucket;
}

export function receivingSource(name: string, policy: Source, secrets: readonly string[]): ReceivingSource {
  return {
    name,
    kind: policy.kind,
    account: policy.account,
    receiver: receiverOf(policy.kind),
    secrets: secrets.map(secret => ({ id: fingerprint(secret), secret })),
    toleranceMs: policy.kind === 'api' ? 0 : policy.tolerance_seconds * 1000,
    bucket: createTokenBucket(policy.rate.requests_per_second, policy.rate.burst),
  };
}

/** Names a secret without telling it: secrets are long and random, so a short hash says nothing. */
const fingerprint = (secret: string): string =>
  createHash('sha256').update('keelson secret id').update(secret).digest('hex').slice(0, 12);
