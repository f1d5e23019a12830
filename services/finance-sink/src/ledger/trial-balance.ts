import pg from 'pg';

/** One account in one currency of one legal entity. */
export interface Balance {
  readonly legalEntity: string;
  readonly account: string;
  readonly currency: string;
  readonly exponent: number;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
  /** Debits less credits. */
  readonly balanceMinor: bigint;
}

export interface TrialBalance {
  readonly balances: readonly Balance[];
  readonly entries: number;
  /** Whether debits equal credits in each currency of each legal entity. */
  readonly balanced: boolean;
}

/** The ledger's own word, in one snapshot; for checks and for the table. The role needs `select` alone. */
export async function trialBalance(url: string): Promise<TrialBalance> {
  const client = new pg.Client({ connectionString: url, application_name: 'keelson-trial-balance' });
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows } = await client.query<Record<string, string>>(
      `select legal_entity, account, currency, exponent, debit_minor, credit_minor, balance_minor
       from ledger.trial_balance order by legal_entity, account, currency`,
    );
    const counted = await client.query<{ entries: string }>('select count(*) as entries from ledger.entry');
    await client.query('commit');
    const balances = rows.map((row): Balance => ({
      legalEntity: row['legal_entity'] ?? '',
      account: row['account'] ?? '',
      currency: row['currency'] ?? '',
      exponent: Number(row['exponent']),
      debitMinor: BigInt(row['debit_minor'] ?? 0),
      creditMinor: BigInt(row['credit_minor'] ?? 0),
      balanceMinor: BigInt(row['balance_minor'] ?? 0),
    }));
    return { balances, entries: Number(counted.rows[0]?.entries), balanced: isBalanced(balances) };
  } finally {
    await client.end();
  }
}

function isBalanced(balances: readonly Balance[]): boolean {
  const sums = new Map<string, bigint>();
  for (const { legalEntity, currency, balanceMinor } of balances) {
    const key = `${legalEntity} ${currency}`;
    sums.set(key, (sums.get(key) ?? 0n) + balanceMinor);
  }
  return [...sums.values()].every(sum => sum === 0n);
}
