import { hash } from 'node:crypto';

/** Namespace of every id that Keelson mints; changing it would give every known thing a second id. */
const namespace = Buffer.from('6b65656c736f6e00a0005eedc0deba5e', 'hex');

// What is hashed is put together here: ids are made by the thousand, one at a time.
let scratch = Buffer.alloc(512);
namespace.copy(scratch);

/** UUID version 5 over the parts. The same parts give the same id anywhere, at any time, without a lookup. */
export function uuidV5(...parts: readonly string[]): string {
  let name = '';
  for (const part of parts) name += `${part.length}:${part}`;
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  const most = namespace.length + 3 * name.length;
  if (most > scratch.length) {
    scratch = Buffer.alloc(2 * most);
    namespace.copy(scratch);
  }
  const length = namespace.length + scratch.write(name, namespace.length);
  const hex = hash('sha1', scratch.subarray(0, length), 'hex');
  const variant = variants[Number.parseInt(hex.charAt(16), 16) & 3] ?? '';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const variants = '89ab';

/** How one system names one thing: `system:account:id`. Keys of ingress, claims and links. */
export const aliasOf = (system: string, account: string, id: string): string => `${system}:${account}:${id}`;

/** The canonical id that the customer's system of record mints: its alias alone decides it. */
export const customerIdOf = (alias: string): string => uuidV5('customer', alias);

/** The customer that stands for whatever belongs to no customer of an account: payouts, balance movements, guests. */
export const houseCustomerIdOf = (system: string, account: string): string =>
  uuidV5('house', system, account);

/** Canonical id of an invoice, payment, contract … from its alias. */
export const documentIdOf = (kind: string, alias: string): string => uuidV5(kind, alias);

/** An immutable fact, named by what happened to which object; no version in it, so webhook, poll and import agree. */
export interface FactName {
  readonly system: string;
  readonly account: string;
  readonly objectId: string;
  /** What happened, for example `invoice_finalized`. */
  readonly factKind: string;
  /** Tells several facts of one kind about one object apart. */
  readonly subId?: string;
}

export const factIdOf = ({ system, account, objectId, factKind, subId = '' }: FactName): string =>
  uuidV5('fact', system, account, objectId, factKind, subId);

/** The event that tells an immutable fact. */
export const eventIdOfFact = (factId: string): string => uuidV5('event', factId);

/** The event that tells a state as one delivery of the source saw it. */
export const eventIdOfState = (
  system: string,
  account: string,
  sourceEventId: string,
  type: string,
  subId = '',
): string => uuidV5('state', system, account, sourceEventId, type, subId);

/** A correction of an event that was published. */
export const eventIdOfCorrection = (eventId: string, revision: number): string =>
  uuidV5('correction', eventId, String(revision));

/** SHA-256 as hex; for content hashes. */
export const sha256 = (content: string | Buffer): string => hash('sha256', content, 'hex');

/** Offsets inside keys sort as numbers do: zero-padded to 19 digits. */
export const paddedOffset = (offset: bigint): string => offset.toString().padStart(19, '0');

/** `topic/partition/offset`. */
export const positionOf = (topic: string, partition: number, offset: bigint): string =>
  `${topic}/${partition}/${offset}`;
