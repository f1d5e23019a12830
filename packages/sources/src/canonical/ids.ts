import { aliasOf, documentIdOf } from '@keelson/contracts';

/** No `@`: an e-mail address is personal, and an alias stands in events that are kept for long. */
const aliasPattern = /^[a-z][a-z0-9-]{0,31}:[^:\s@]{1,128}:[^\s@]{1,255}$/;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** `system:account:id`. */
export const isAlias = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 400 && aliasPattern.test(value);

/** An alias by itself, or the sender's own name of something in its own system. */
export const asAlias = (system: string, account: string, name: string): string =>
  isAlias(name) ? name : aliasOf(system, account, name);

/**
 * Canonical id of a document from what a sender calls it: a canonical id (from an event or a state) as it is, an alias
 * (`stripe:acct_1:in_9`), or a name of the sender's own.
 */
export const canonicalId = (system: string, account: string, kind: string, name: string): string =>
  uuidPattern.test(name) ? name : documentIdOf(kind, asAlias(system, account, name));
