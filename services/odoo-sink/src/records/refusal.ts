/** Why a record is not made, or a document not posted. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

export const refusal = (code: string, reason: string): { readonly refused: Refusal } => ({
  refused: { code, reason },
});
