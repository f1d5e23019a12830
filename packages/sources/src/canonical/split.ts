import { aliasOf } from '@keelson/contracts';
import type { Delivery, SplitContext } from '../receiver.ts';
import { isAlias } from './ids.ts';

/** One event a body, keyed by its subject; the account's alias where it names none. */
export function splitCanonical(
  system: string,
  rawBody: Buffer,
  { account }: SplitContext,
  deliveryId?: string,
): readonly Delivery[] {
  const { id, data } = parse(rawBody) as { id?: unknown; data?: { subject?: unknown } | null };
  const subject = data?.subject;
  const named = typeof id === 'string' && id !== '' && id.length <= 255 ? id : null;
  return [
    {
      deliveryId: deliveryId ?? named,
      account,
      alias: isAlias(subject) ? subject : aliasOf(system, account, account),
      payload: rawBody,
    },
  ];
}

function parse(rawBody: Buffer): object {
  try {
    const value: unknown = JSON.parse(rawBody.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
