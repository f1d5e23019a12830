/** Header of a fetched record: whether the key that fetched it is a live one. Some objects don't say so themselves. */
export const livemodeHeader = 'keelson-livemode';

/** Keys of the real Stripe say it in their name; another key's answers count as live, so that no money is held back. */
export const isTestKey = (apiKey: string): boolean => /^[a-z]{2}_test_/.test(apiKey);
