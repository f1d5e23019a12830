import type { EventHead, EventType, FinanceBody, events } from '@keelson/contracts';
import type { DraftLine, OriginalKey, PostedEntry } from './entry.ts';

/** What the events of one type speak about. */
export type BodyOf<T extends EventType> = Extract<
  FinanceBody,
  { readonly noun: (typeof events)[T]['noun'] }
>['value'];

/** Plain data that a hash can be taken of. */
export type Content = string | number | boolean | bigint | null | readonly Content[];

/** What a rule makes of a fact: lines, or the named reason why it posts nothing. */
export type Draft =
  | {
      readonly lines: readonly DraftLine[];
      /** Which branch of the rule, where an auditor would ask. */
      readonly variant?: string;
    }
  /** The mirror of an entry. */
  | { readonly reverses: PostedEntry }
  | { readonly nothing: string };

/** One posting rule: pure, and total over what the contract allows; it throws `rejected` for what cannot be posted. */
export interface Rule<B> {
  readonly rule: string;
  /** Goes up when the same fact would be posted otherwise; what is posted stays. */
  readonly version: number;
  /** What the fact is about, and the invoice it concerns. */
  documents(body: B, head: EventHead): { readonly documentId: string; readonly invoiceId: string | null };
  /** All that the posting depends on, so that the same fact with other content is seen. */
  content(body: B, head: EventHead): Content;
  /** The entry that must be known first, or null; `need` names it in `not_yet`. */
  original?(body: B, head: EventHead): (OriginalKey & { readonly need: string }) | null;
  /** `original` is null when there is none, or, after the grace, when it never came. */
  draft(body: B, head: EventHead, original: PostedEntry | null): Draft;
}

/** A type that posts nothing, and why; the same name as in routes.yaml. */
export interface PostsNothing {
  readonly postsNothing: string;
}
