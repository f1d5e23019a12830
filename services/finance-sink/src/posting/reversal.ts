import { rejected } from '@keelson/contracts';
import type { Rule } from './rule.ts';

interface Reversal<B> {
  readonly rule: string;
  /** The rule whose entry is taken back. */
  readonly reverses: string;
  /** What is missing while that entry is. */
  readonly need: string;
  readonly documents: Rule<B>['documents'];
  /** Whether the body shows that there never was an entry. */
  readonly postedNothing?: (body: B) => boolean;
}

/** A rule that takes back the entry of another rule about the same document, line by line. */
export function reversal<B>({ rule, reverses, need, documents, postedNothing }: Reversal<B>): Rule<B> {
  return {
    rule,
    version: 1,
    documents,
    content: (body, head) => [documents(body, head).documentId, reverses],
    original: (body, head) =>
      postedNothing?.(body) === true
        ? null
        : { rule: reverses, documentId: documents(body, head).documentId, need },
    draft: (body, head, original) => {
      if (original !== null && original.reversed) {
        throw rejected(
          'already-reversed',
          `the entry ${original.entryId} of ${reverses} is reversed already`,
        );
      }
      if (original !== null) return { reverses: original };
      if (postedNothing?.(body) === true) return { nothing: 'zero-amount' };
      throw rejected(
        'nothing-to-reverse',
        `no entry of ${reverses} about ${documents(body, head).documentId}`,
      );
    },
  };
}
