import type { PortContext } from '@keelson/sink';
import type { DeskUser } from './context.ts';

/** A user as the desk has it. */
export interface FoundUser {
  readonly id: string;
  readonly externalId: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Its `keelson_` fields; a day without its time. */
  readonly fields: Readonly<Record<string, string | boolean | null>>;
}

/** What became of one user in an upsert. `unknown`: look it up. */
export type UpsertResult =
  | { readonly result: 'done'; readonly id: string }
  | { readonly result: 'refused'; readonly reason: string }
  | { readonly result: 'unknown'; readonly reason: string };

/**
 * A support desk. Throws `unavailable` when nothing was sent or it said later, `misconfigured` on a wrong key,
 * `unknown_outcome` when an upsert was sent and not answered, `rejected` when it refuses a request as a whole.
 */
export interface Desk {
  /** Most users in one call. */
  readonly maxUsers: number;
  /** Throws `misconfigured` with everything that is missing. */
  check(context: PortContext): Promise<void>;
  /** By `external_id`. */
  find(externalIds: readonly string[], context: PortContext): Promise<ReadonlyMap<string, FoundUser>>;
  /** Makes or changes users, field by field. One result a user, in order. */
  upsert(users: readonly DeskUser[], context: PortContext): Promise<readonly UpsertResult[]>;
  close(): Promise<void>;
}
