/** A language as `search_read` gives it. */
export interface LanguageRow {
  /** en_US */
  readonly code: string;
  /** en, or en_GB beside it */
  readonly iso_code: string | false;
}

/**
 * The code of the active language that a customer's language means (`fr-BE`, `fr`): that very one, else the plain one of
 * the language, else its first.
 */
export function languageCodeOf(active: readonly LanguageRow[], language: string): string | undefined {
  const wanted = language.replaceAll('-', '_').toLowerCase();
  const plain = wanted.split('_')[0] ?? '';
  const found =
    active.find(({ code }) => code.toLowerCase() === wanted) ??
    active.find(({ iso_code: iso }) => iso === plain) ??
    active.find(({ code }) => code.toLowerCase().startsWith(`${plain}_`));
  return found?.code;
}
