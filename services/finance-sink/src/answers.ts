import type { EffectAnswer } from '@keelson/sink';
import type { Entry } from './posting/entry.ts';

interface Identified {
  readonly entryId: string;
  readonly contentHash: string;
}

/** The answer for an entry that the ledger has, by the hash it has it with; null when it has none. */
export function presentAnswer(
  { entryId, contentHash }: Identified,
  hash: string | undefined,
  answer: 'applied' | 'already',
): EffectAnswer | null {
  if (hash === undefined) return null;
  if (hash === contentHash) return { answer, effectId: entryId, targetRef: entryId };
  return {
    answer: 'refused',
    code: 'conflict',
    reason: `the entry ${entryId} of this fact was posted with other content (${hash}, now ${contentHash})`,
  };
}

export const appliedAnswer = ({ entryId, rule, variant, effectiveDate }: Entry): EffectAnswer => ({
  answer: 'applied',
  effectId: entryId,
  targetRef: entryId,
  values: { rule, effective_date: effectiveDate, ...(variant === null ? {} : { variant }) },
});

export const unknownAnswer = ({ entryId }: Identified, reason: string): EffectAnswer => ({
  answer: 'unknown',
  effectId: entryId,
  reason,
});
