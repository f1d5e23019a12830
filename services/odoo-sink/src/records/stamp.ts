/**
 * What stands in a partner's `ref`: whose it is, and which of the customer's states it shows. In one field, so that both
 * change in one write; in that field, because it is indexed.
 */
export interface Stamp {
  readonly customerId: string;
  readonly version: number;
}

export const stampText = ({ customerId, version }: Stamp): string => `${customerId}/${version}`;

/** The pattern of `=like` that finds a customer's partner whatever state it shows. */
export const stampPattern = (customerId: string): string => `${customerId}%`;

/** A `ref` without a version counts as older than any state; one that somebody wrote has an id of nobody. */
export function readStamp(ref: string | false): Stamp {
  const [customerId = '', version = ''] = (ref === false ? '' : ref).split('/', 2);
  return { customerId, version: /^\d+$/.test(version) ? Number(version) : 0 };
}
